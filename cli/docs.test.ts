import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { ExitCode } from './lib/errors.ts';
import { buildProgram } from './program/program.ts';
import { captureIo } from './testing/capture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const program = buildProgram(captureIo(), '0');

function leaves(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.filter((child) => !child.name().startsWith('__')).flatMap((child) => leaves(child, [...path, child.name()]));
}

const isPage = (name: string): boolean => !['help', 'profile', 'tenant', 'output', 'wait', 'timeout'].includes(name);

test('the page of the command line names every command and every option', () => {
  const page = read('docs/cli.md');
  const rows = page.split('\n').filter((line) => line.startsWith('| `claw '));
  const row = (path: string): string => {
    const [group = '', verb] = path.split(' ');
    const first = (line: string): string => line.split('|')[1] ?? '';
    const groups = program.commands.filter(({ commands }) => commands.length > 0).map((command) => command.name());
    const named = rows.filter((line) => (verb ? first(line).includes(`claw ${group} `) : !groups.some((name) => first(line).includes(`claw ${name} `))));
    return named.find((line) => new RegExp(`(claw ${verb ? `${group} ` : ''}|, \`)${verb ?? group}\\b`).test(first(line))) ?? '';
  };
  const missing = leaves(program).flatMap(({ path, command }) => {
    if (!row(path)) return [path];
    return command.options
      .filter(({ long, hidden }) => !hidden && long && isPage(long.slice(2)) && !row(path).includes(long))
      .map(({ long }) => `${path} ${long}`);
  });
  expect(missing).toEqual([]);
});

test('the page of the command line lists the exit codes that there are', () => {
  const listed = [...read('docs/cli.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(ExitCode));
});

/** Command lines in code blocks, pipes and code spans. */
function commandLines(text: string): string[] {
  const short = text.replaceAll('npm run -s claw --', 'claw');
  return [...short.matchAll(/(?:^|`|\| |<\()(claw [a-z][^`\n|)]*)/gm)].map(([, line]) => line ?? '');
}

test('every command that the documentation shows exists with the options it shows', () => {
  const known = new Map(leaves(program).map(({ path, command }) => [path, command]));
  const wrong = pages.flatMap((page) =>
    commandLines(read(page)).flatMap((line) => {
      const words = line.replace(/#.*$/, '').split(/\s+/).slice(1);
      if (['help', 'COMMAND'].includes(words[0] ?? '')) return [];
      const command = known.get(words.slice(0, 2).join(' ')) ?? known.get(words[0] ?? '') ?? program.commands.find((one) => one.name() === words[0]);
      if (!command) return [`${page}: ${line}`];
      const options = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/[,;)]$/, ''));
      return options.filter((word) => !command.options.some(({ long, short }) => word === long || word === short)).map((word) => `${page}: ${line}: ${word}`);
    }),
  );
  expect(wrong).toEqual([]);
});

test('every link and every path that the documentation names leads somewhere', () => {
  const broken = pages.flatMap((page) => {
    const text = read(page);
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, link]) => join(dirname(page), link ?? ''));
    const paths = [...text.matchAll(/`((?:workflows|activities|api|prisma|frontend|cli|bridge|deploy|docs)\/[\w./-]*)`/g)].map(([, path]) => path ?? '');
    return [...links, ...paths].filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`);
  });
  expect(broken).toEqual([]);
});
