import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { startClaw } from './testing/run-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'claw-configs-'));
let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
});
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const claw = (...args: string[]) => startClaw(args, { env: { XDG_CONFIG_HOME: folder, CLAW_URL: world.api.url, CLAW_API_KEY: key } }).finished;
const said = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await claw(...args);
  if (code !== 0) throw new Error(`claw ${args.join(' ')} ended with ${code}:\n${err}`);
  return out;
};
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const DESK = `settings:
  agent: { name: "{{vars.team}} desk" }
  logging: { level: warn }
variables:
  - { name: team, required: true }
`;

test('claw config takes a template from its file to the instances that run on it', async () => {
  expect(await said('config', 'create', 'desk', '-f', file('desk.yaml', DESK))).toContain('claw config publish desk');
  expect(await said('config', 'publish', 'desk')).toContain('desk 1 is published. New instances start on it.');
  await said('create', 'sales-desk', '--config', 'desk', '--var', 'team=Sales', '--cpu', '10m', '--memory', '16Mi');
  expect(await said('config', 'explain', 'sales-desk', 'agent.name')).toMatch(/agent\.name +template desk 1 +- +"Sales desk"/);

  const edited = file('desk-2.yaml', (await said('config', 'show', 'desk')).replace('warn', 'debug'));
  expect(await said('config', 'edit', 'desk', '-f', edited, '--based-on', '1')).toContain('the draft 2');
  expect(await claw('config', 'edit', 'desk', '-f', edited, '--based-on', '1')).toMatchObject({ code: 6 });
  expect(await said('config', 'diff', 'desk', '--to', '2')).toMatch(/~ +logging\.level +"warn" +"debug"/);
  expect(await said('config', 'publish', 'desk', '--version', '2')).toContain('1 run on an older one');
  expect(await said('config', 'diff', 'desk', '--to', '2', '--instance', 'sales-desk')).toMatch(/~ +logging\.level +"warn" +"debug"/);
  expect(await said('config', 'instances', 'desk', '--outdated')).toMatch(/sales-desk +\w+ +1 +yes/);
  expect(await said('config', 'list')).toMatch(/desk +template +openclaw +1 +2 +2 +1 +1/);
});

test('what is wrong with a file is said with its path and the next step', async () => {
  const { code, err } = await claw('config', 'create', 'bad', '-f', file('bad.yaml', 'settings: { tools: { exec: sometimes } }\n'));
  expect(code).toBe(2);
  expect(err).toContain('/document/settings/tools/exec');
  expect(await claw('config', 'show', 'bad')).toMatchObject({ code: 3 });
});

test('an openclaw.json becomes a template, and what is left out is told', async () => {
  const out = await said('config', 'import', 'imported', '-f', file('openclaw.json', '{"gateway":{"port":1},"tools":{"profile":"full"}}'));
  expect(out).toContain('gateway/port: gateway belongs to the platform');
  expect(await said('config', 'show', 'imported')).toContain('profile: full');
});

test('a secret is read from standard input and never said again', async () => {
  const run = startClaw(['config', 'secret', 'desk-bot', '--stdin'], {
    env: { XDG_CONFIG_HOME: folder, CLAW_URL: world.api.url, CLAW_API_KEY: key },
    stdin: 'hush',
  });
  expect(await run.finished).toMatchObject({ code: 0, out: expect.stringContaining('desk-bot is stored') });
});
