import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWorld, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { startClaw } from './testing/run-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'claw-security-'));
let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await world.call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] }, { key });
  await world.call('POST /api-keys', { name: 'ci' }, { key });
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

test('claw audit lists who did what, oldest first, cut as the options say', async () => {
  const lines = (await said('audit')).trim().split('\n');
  expect(lines[0]).toMatch(/AGE +RESULT +ACTION +TARGET +BY/);
  expect(lines.slice(1).map((line) => /(\S+\.\S+)/.exec(line)?.[1])).toEqual(['platform.set-up', 'provider.create', 'api-key.create']);
  expect(lines.at(-1)).toMatch(/done +api-key\.create +ci +Ada \(set-up\)/);
  const page = JSON.parse(await said('audit', 'list', '--action', 'provider', '--since', '1h', '-o', 'json'));
  expect(page.items).toMatchObject([{ action: 'provider.create', target: { name: 'acme' } }]);
  expect((await claw('audit', 'list', '--result', 'good')).code).toBe(2);
});

test('claw audit export writes a file of its owner, and never over another', async () => {
  const file = join(folder, 'audit.csv');
  expect(await said('audit', 'export', '--format', 'csv', '--to', file)).toBe('');
  expect(readFileSync(file, 'utf8')).toMatch(/^seq,at,actor_id/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await claw('audit', 'export', '--to', file)).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  const lines = (await said('audit', 'export', '--target', 'nothing-like-this')).trim();
  expect(lines).toBe('');
});

test('claw audit verify says that nothing was changed, and fails where something was', async () => {
  expect(await said('audit', 'verify')).toMatch(/^All \d+ entries are as they were written, up to the signed end\.\n$/);
  await world.rows("UPDATE audit_event SET action = 'provider.delete' WHERE seq = 2");
  const { code, err } = await claw('audit', 'verify');
  expect(code).toBe(1);
  expect(err).toContain('The chain is broken at entry 2 (aud_');
  expect(err).toContain('AUDIT_EDITED');
});

test('claw keys starts a rotation and says how far it is', async () => {
  expect((await claw('keys')).err).toContain('never rotated');
  expect((await claw('keys', 'rotate')).code).not.toBe(0);
  const id = (await said('keys', 'rotate', '--yes', '--no-wait', '-o', 'name')).trim();
  expect(id).toMatch(/^rot_/);
  expect(await said('keys', 'status')).toMatch(new RegExp(`${id} +running`));
  expect(await claw('keys', 'rotate', '--yes', '--no-wait')).toMatchObject({ code: 6, err: expect.stringContaining('OPERATION_IN_PROGRESS') });
});
