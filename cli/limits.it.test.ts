import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { startClaw } from './testing/run-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'claw-limits-'));
let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  await world.call('POST /instances', { name: 'sales-bot', resources: { cpu: '500m', memory: '512Mi', storage: '1Gi' } }, { key });
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

test('claw quota says what is used of what, and set changes what is named', async () => {
  expect(await said('quota')).toMatch(/tenant +Default +1 \/ - +500m \/ - +512 MiB \/ - +1 GiB \/ - +unlimited/);
  await said('quota', 'set', '--instances', '2', '--memory', '1Gi');
  await said('quota', 'set', '--project', 'default', '--cpu', '2');
  const set = await said('quota', 'set', '--memory', 'none');
  expect(set).toMatch(/tenant +Default +1 \/ 2 +500m \/ - +512 MiB \/ - /);
  expect(set).toMatch(/project +default +1 \/ - +500m \/ 2 /);
  expect(await claw('quota', 'set')).toMatchObject({ code: 2 });
  expect(await claw('quota', 'set', '--instances', 'many')).toMatchObject({ code: 2 });
  expect(await claw('quota', 'set', '--project', 'nobody', '--cpu', '1')).toMatchObject({ code: 3, err: expect.stringContaining('There is: default') });
});

test('a create that exceeds the quota fails with who has it and what to do', async () => {
  await said('quota', 'set', '--instances', '1');
  const refused = await claw('create', 'second-bot');
  expect(refused.code).toBe(6);
  expect(refused.err).toContain('Instances of the tenant Default (plan unlimited): 1 of 1 taken, 1 more needed.');
  expect(refused.err).toContain('ask an administrator of the platform');
  await said('quota', 'set', '--instances', 'none');
});

test('claw policy prints rules, takes them from a file and says which one a create breaks', async () => {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, 'models: [demo]\nversions: { openclaw: ["0.*"] }\n');
  expect(await said('policy')).toContain('project default\n  no rules\n');
  expect(await said('policy', 'set', '-f', file, '--project', 'default')).toContain(
    'project default\n  versions:\n    openclaw:\n      - 0.*\n  models:\n    - demo\n',
  );
  const refused = await claw('create', 'second-bot');
  expect(refused.code).toBe(4);
  expect(refused.err).toContain('the rule "versions" of the project default; allowed: 0.*');
  writeFileSync(file, 'colour: [red]\n');
  expect(await claw('policy', 'set', '-f', file)).toMatchObject({ code: 2, err: expect.stringContaining('/colour') });
});

test('claw plan says the plan, lists plans and puts the tenant on one', async () => {
  expect(await said('plan')).toBe('Plan unlimited: seats 1 / -, includes everything.\n');
  await world.call('PUT /plans/small', { limits: { instances: 3 }, seats: 5, entitlements: ['sso'] }, { key });
  expect(await said('plan', 'list')).toMatch(/small +3 +- +- +- +5 +sso/);
  expect(await said('plan', 'set', 'small')).toBe('Plan small: seats 1 / 5, includes sso.\n');
  expect(await claw('plan', 'set', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('there is: small, unlimited') });
});
