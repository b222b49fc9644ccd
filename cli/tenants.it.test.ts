import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWorld, FOUNDER, hostOnline, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { join as joins, signedIn } from '../api/testing/people.ts';
import { writeProfiles } from './lib/profile.ts';
import { startClaw } from './testing/run-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'claw-tenants-'));
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

const claw = (...args: string[]) => startClaw(args, { env: { CLAW_URL: world.api.url, CLAW_API_KEY: key } }).finished;
const said = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await claw(...args);
  if (code !== 0) throw new Error(`claw ${args.join(' ')} ended with ${code}:\n${err}`);
  return out;
};
/** As somebody who has profiles, instead of a key in the environment. */
const withProfiles = (...args: string[]) => startClaw(args, { env: { XDG_CONFIG_HOME: folder } }).finished;

test('claw project makes, renames and deletes projects, and asks before it deletes', async () => {
  expect(await said('project', 'create', 'sales')).toBe('The project sales is there.\n');
  expect(await claw('project', 'create', 'sales')).toMatchObject({ code: 6, err: expect.stringContaining('NAME_TAKEN') });
  expect(await said('project', 'rename', 'sales', 'revenue')).toBe('sales is called revenue now.\n');
  const { items } = JSON.parse(await said('project', 'list', '-o', 'json'));
  const { id } = items.find(({ name }: { name: string }) => name === 'revenue');
  expect(await said('project', 'list')).toMatch(/NAME +INSTANCES +PEOPLE +AGE\n[\s\S]*revenue +0 +-/);
  expect(await claw('project', 'delete', 'revenue')).toMatchObject({ code: expect.any(Number), out: '' });
  expect(await said('project', 'delete', id, '--yes')).toBe('The project revenue is deleted.\n');
  expect(await claw('project', 'delete', 'revenue', '--yes')).toMatchObject({ code: 3, err: expect.stringContaining('claw project list') });
});

test('claw project grants members a role in one project and takes it back', async () => {
  await joins(world, key, 'bob@example.com', 'member');
  await said('project', 'create', 'support');
  expect(await said('project', 'grant', 'support', 'bob@example.com', 'operator')).toBe('bob@example.com is operator in support.\n');
  expect(await said('project', 'list')).toMatch(/support +0 +bob@example\.com=operator/);
  expect(await claw('project', 'grant', 'support', 'bob@example.com', 'emperor')).toMatchObject({ code: 2 });
  expect(await claw('project', 'grant', 'support', 'nobody@example.com', 'viewer')).toMatchObject({
    code: 3,
    err: expect.stringContaining('claw member list'),
  });
  expect(await said('project', 'revoke', 'support', 'bob@example.com')).toBe('bob@example.com has no role of their own in support any more.\n');
  expect(await said('project', 'list')).toMatch(/support +0 +-/);
});

test('claw tenant makes, suspends, resumes and deletes tenants, and hands out the link for an owner once', async () => {
  expect(await said('tenant', 'create', 'Acme', '--owner', 'boss@example.com')).toMatch(
    /^The tenant Acme is there\.\nHand this link to boss@example\.com, it is shown only now:\nhttp\S+\/invite#inv_\S+\n$/,
  );
  expect(await said('tenant', 'list', '--search', 'acm')).toMatch(/Acme +active +- +0 +0/);
  expect(await said('tenant', 'suspend', 'Acme')).toBe('Acme is suspended; its claws are being stopped.\n');
  expect(await said('tenant', 'list', '--search', 'acm')).toMatch(/Acme +suspended/);
  expect(await said('tenant', 'resume', 'Acme')).toContain('is active again');
  expect(await claw('tenant', 'delete', 'Acme')).toMatchObject({ out: '' });
  expect(await said('tenant', 'list', '--search', 'acm')).toMatch(/Acme +active/);
  expect(await said('tenant', 'delete', 'Acme', '--yes')).toContain('Acme is being deleted.');
  expect(await said('tenant', 'list', '--search', 'acm')).toMatch(/Acme +deleting/);
  expect(await claw('tenant', 'suspend', 'nowhere')).toMatchObject({ code: 3, err: expect.stringContaining('There is no tenant "nowhere".') });
});

test('claw tenant set says how long the audit of a tenant is kept', async () => {
  await said('tenant', 'create', 'Archive');
  expect(await said('tenant', 'set', 'Archive', '--audit-keep-days', '90')).toBe('The audit of Archive is kept for 90 days.\n');
  expect(await claw('tenant', 'set', 'Archive', '--audit-keep-days', 'long')).toMatchObject({ code: 2, err: expect.stringContaining('no number of days') });
  expect(await claw('tenant', 'set', 'Archive', '--audit-keep-days', '3')).toMatchObject({ err: expect.stringContaining('auditKeepDays') });
  const { items } = JSON.parse(await said('tenant', 'list', '--search', 'archive', '-o', 'json'));
  expect(items).toMatchObject([{ auditKeepDays: 90 }]);
  expect(await said('tenant', 'set', 'Archive', '--audit-keep-days', 'none')).toBe('The audit of Archive is kept as long as the platform keeps it.\n');
});

test('claw tenant names one of two with the same name by its id only', async () => {
  for (const owner of ['one@example.com', 'two@example.com']) await said('tenant', 'create', 'Twins', '--owner', owner);
  expect(await claw('tenant', 'suspend', 'Twins')).toMatchObject({ code: 6, err: expect.stringContaining('AMBIGUOUS_NAME') });
  const { items } = JSON.parse(await said('tenant', 'list', '--search', 'twins', '-o', 'json'));
  expect(await said('tenant', 'suspend', items[1].id, '-o', 'name')).toBe(`${items[1].id}\n`);
});

test('claw tenant use lets commands go to another tenant that somebody is signed in to', async () => {
  const { items } = JSON.parse(await said('tenant', 'list', '--search', 'Default', '-o', 'json'));
  const { tenant } = JSON.parse(await said('tenant', 'create', 'Second', '-o', 'json'));
  const { headers } = await signedIn(world, FOUNDER.email, FOUNDER.password);
  const profileIn = async ({ id, name }: { id: string; name: string }) => {
    const { apiKey, secret } = (await world.call('POST /api-keys', { name: 'profile' }, { headers: { ...headers, 'x-tenant': id } })).body;
    return { url: world.api.url, apiKey: secret, keyId: apiKey.id, email: FOUNDER.email, tenant: { id, name } };
  };
  const file = { current: 'second', profiles: { first: await profileIn(items[0]), second: await profileIn(tenant) } };
  await writeProfiles({ XDG_CONFIG_HOME: folder }, file);
  expect(await withProfiles('tenant', 'use', 'Default')).toMatchObject({ code: 0, out: 'Commands go to Default now, with profile "first".\n' });
  expect((await withProfiles('project', 'list')).out).toContain('support');
  expect(await withProfiles('tenant', 'use', tenant.id)).toMatchObject({ code: 0, out: 'Commands go to Second now, with profile "second".\n' });
  const second = await withProfiles('project', 'list');
  expect(second.out).toContain('default');
  expect(second.out).not.toContain('support');
  expect((await withProfiles('project', 'list', '--tenant', 'Default')).out).toContain('support');
  expect(await withProfiles('tenant', 'use', 'Nowhere')).toMatchObject({ code: 3, err: expect.stringContaining('claw login --profile NAME --tenant Nowhere') });
});

test('claw my says that there is no claw yet, makes one once, and then says how it is', async () => {
  expect(await said('my')).toBe('You have no claw of your own yet.\nMake one: claw my --create\n');
  const made = JSON.parse(await said('my', '--create', '-o', 'json'));
  expect(made.operation.kind).toBe('create');
  expect(JSON.parse(await said('my', '--create', '-o', 'json'))).toMatchObject({ instance: { id: made.operation.target.id } });
  const { name } = JSON.parse(await said('my', '-o', 'json')).instance;
  expect(await said('my')).toMatch(new RegExp(`^${name} is (Pending|Scheduling|Creating)\\.\n`));
  expect(await said('my', '-o', 'name')).toBe(`${name}\n`);
  expect(await world.rows('SELECT 1 FROM instance WHERE owner_id IS NOT NULL')).toHaveLength(1);
});
