import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { suggest } from '../commands/completion.ts';
import { captureIo } from '../testing/capture.ts';
import { buildProgram, runClaw } from './program.ts';

const env = { XDG_CONFIG_HOME: '/nonexistent' };

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = captureIo({ env });
  const code = await runClaw(argv, io, '9.9.9');
  return { code, out: io.out(), err: io.err() };
}

test('the version of claw and the version of a claw are told apart', async () => {
  expect(await run('--version')).toEqual({ code: 0, out: '9.9.9\n', err: '' });
  const created = await run('create', 'bot', '--version', '2026.9.6');
  expect(created).toMatchObject({ code: 4, out: '' });
  expect(created.err).toContain('You are not signed in');
});

test('what is wrong on the command line is told on standard error with exit code 2', async () => {
  for (const argv of [
    ['nonsense'],
    ['create'],
    ['get', '-o', 'xml'],
    ['provider', 'add', '--kind', 'openai'],
    ['stop'],
    ['logs', 'bot', '--tail', 'many'],
    ['get', 'hosts', '--labels', 'a=b'],
  ]) {
    const { code, out, err } = await run(...argv);
    expect({ argv, code, out }).toEqual({ argv, code: 2, out: '' });
    expect(err).toMatch(/^claw: /);
  }
});

test('data goes only when a person agreed, and a pipe is nobody', async () => {
  const io = captureIo({ env: { ...env, CLAW_URL: 'http://127.0.0.1:1', CLAW_API_KEY: 'clp_x' } });
  expect(await runClaw(['kill', 'bot'], io, '9.9.9')).toBe(2);
  expect(io.err()).toContain('--force');
});

test('a platform that is away is told with exit code 7 and without the key', async () => {
  const io = captureIo({ env: { ...env, CLAW_URL: 'http://127.0.0.1:1', CLAW_API_KEY: 'clp_topsecret' } });
  expect(await runClaw(['get'], io, '9.9.9')).toBe(7);
  expect(io.err()).toContain('http://127.0.0.1:1 does not answer');
  expect(io.err() + io.out()).not.toContain('topsecret');
});

test('no option takes a password or a key as its value', () => {
  const options = (command: Command): string[] => [
    ...command.options.filter(({ required, optional }) => required || optional).map(({ long }) => long ?? ''),
    ...command.commands.flatMap(options),
  ];
  expect(options(buildProgram(captureIo(), '0')).filter((name) => /password|key|secret/.test(name))).toEqual([]);
});

test('every command has a summary and explains each argument', () => {
  const leaves = (command: Command): Command[] => (command.commands.length > 0 ? command.commands.flatMap(leaves) : [command]);
  const shown = leaves(buildProgram(captureIo(), '0')).filter((command) => !command.name().startsWith('__'));
  expect(
    shown.filter((command) => !command.summary() || command.registeredArguments.some(({ description }) => !description)).map((command) => command.name()),
  ).toEqual([]);
});

test('completion offers commands, options, choices and names where they fit', () => {
  const root = buildProgram(captureIo(), '0');
  const at = (...words: string[]) => suggest(root, words);
  expect(at('').words).toContain('create');
  expect(at('').words).not.toContain('__complete');
  expect(at('operations', '').words).toEqual(['list', 'watch', 'retry-now', 'give-up', 'cancel']);
  expect(at('ops', 'watch', '')).toEqual({ words: [], wanted: 'operations' });
  expect(at('stop', 'a', '')).toEqual({ words: [], wanted: 'instances' });
  expect(at('open', '').wanted).toBe('instances');
  expect(at('get', '-o', '').words).toEqual(['table', 'wide', 'json', 'yaml', 'name']);
  expect(at('create', 'bot', '--w').words).toContain('--wait');
  expect(at('operations', 'list', '--instance', '').wanted).toBe('instances');
  expect(at('completion', '').words).toEqual(['bash', 'zsh', 'fish']);
});
