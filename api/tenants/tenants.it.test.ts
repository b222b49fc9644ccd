import { afterAll, beforeAll, expect, it } from 'vitest';
import { drainTenant } from '../../activities/tenant/drain-tenant.ts';
import { endTenantWork } from '../../activities/tenant/end-tenant-work.ts';
import { signedText } from '../../prisma/audit-chain.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let admin: string;

beforeAll(async () => {
  world = await openApiWorld();
  admin = await setUp(world);
  // A host that separates claws takes those of several tenants.
  await hostOnline(world, { isolation: 'uid' });
});

afterAll(() => world.close());

const put = (tenantId: string, body: object, key = admin) => world.call(`PUT /tenants/${tenantId}`, body, { key });

/** What the relay starts the workflow with; no worker runs here, so its steps are called as it calls them. */
async function orderOf(tenantId: string): Promise<TenantOrder> {
  const [row] = await world.rows<{ payload: TenantOrder }>(
    "SELECT payload FROM outbox WHERE tenant_id = $1 AND kind = 'command' AND payload ? 'tenantWorkId' ORDER BY seq DESC LIMIT 1",
    [tenantId],
  );
  return row!.payload;
}

async function withClaw(): Promise<Stranger & { readonly instanceId: string }> {
  const stranger = await addStranger(world);
  const created = await world.call('POST /instances', { name: 'theirs', resources: { cpu: '10m', memory: '64Mi' } }, { key: stranger.key });
  expect(created.status).toBe(202);
  return { ...stranger, instanceId: created.body.instance.id };
}

/** As its entity would record it. */
async function ended(instanceId: string, phase: string): Promise<void> {
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [instanceId]);
  await world.rows("UPDATE instance SET intent_phase = $2, observed_ready = true, destroyed_at = CASE WHEN $2 = 'Destroyed' THEN now() END WHERE id = $1", [
    instanceId,
    phase,
  ]);
}

const kindsOf = async (instanceId: string) =>
  (await world.rows<{ kind: string }>('SELECT kind FROM operation WHERE instance_id = $1 ORDER BY seq', [instanceId])).map(({ kind }) => kind);

it('are made by the platform with a first project, and their owner is invited or is who made them', async () => {
  const own = await world.call('POST /tenants', { name: 'Mine' }, { key: admin });
  expect(own).toMatchObject({
    status: 201,
    body: { tenant: { name: 'Mine', state: 'active', members: 1, projects: 1, owners: [{ email: 'ada@example.com' }] }, link: null },
  });
  const other = await world.call('POST /tenants', { name: 'Theirs', owner: 'bob@example.com' }, { key: admin });
  expect(other.body).toMatchObject({ tenant: { members: 0, owners: [] } });
  expect(other.body.link).toContain('#');
  expect(await world.rows('SELECT role, email FROM invitation WHERE tenant_id = $1', [other.body.tenant.id])).toEqual([
    { role: 'owner', email: 'bob@example.com' },
  ]);
  expect(await world.rows('SELECT action FROM audit_event WHERE tenant_id = $1 ORDER BY seq LIMIT 1', [own.body.tenant.id])).toEqual([
    { action: 'tenant.create' },
  ]);
});

it('are made once for a request that is repeated', async () => {
  const headers = { 'idempotency-key': 'one-tenant' };
  const first = await world.call('POST /tenants', { name: 'Once' }, { key: admin, headers });
  const again = await world.call('POST /tenants', { name: 'Once' }, { key: admin, headers });
  expect(again.body.tenant.id).toBe(first.body.tenant.id);
});

it('are seen by the platform, and by others only where they belong', async () => {
  const stranger = await addStranger(world);
  expect((await world.call('GET /tenants', undefined, { key: stranger.key })).body.items.map(({ id }: { id: string }) => id)).toEqual([stranger.tenantId]);
  expect((await world.call('GET /tenants?q=ANOTHER', undefined, { key: admin })).body.items[0]).toMatchObject({ id: stranger.tenantId, members: 1 });
  const other = await addStranger(world);
  expect((await world.call(`GET /tenants/${other.tenantId}`, undefined, { key: stranger.key })).status).toBe(404);
});

it('keep an owner, whoever takes the last one away', async () => {
  const { tenantId } = await addStranger(world);
  await expect(world.rows('DELETE FROM membership WHERE tenant_id = $1', [tenantId])).rejects.toMatchObject({ constraint: 'membership_last_owner' });
  await expect(world.rows("UPDATE membership SET role = 'viewer' WHERE tenant_id = $1", [tenantId])).rejects.toMatchObject({
    constraint: 'membership_last_owner',
  });
  await addStranger(world, 'owner', ['read'], tenantId);
  expect(
    await world.rows("UPDATE membership SET role = 'viewer' WHERE user_id = (SELECT user_id FROM membership WHERE tenant_id = $1 LIMIT 1) RETURNING role", [
      tenantId,
    ]),
  ).toHaveLength(1);
});

it('that are suspended change nothing, stop what runs, and work again when they are resumed', async () => {
  const { tenantId, key, instanceId } = await withClaw();
  expect((await put(tenantId, { state: 'suspended' }, key)).status).toBe(403);
  expect((await put(tenantId, { state: 'suspended' })).body).toMatchObject({ state: 'suspended', progress: { kind: 'suspend', total: 1, remaining: 1 } });
  expect((await world.call('POST /projects', { name: 'more' }, { key })).body).toMatchObject({ status: 403, code: 'TENANT_SUSPENDED' });
  expect((await world.call(`GET /instances/${instanceId}`, undefined, { key })).status).toBe(200);
  const order = await orderOf(tenantId);
  const { database, auditSeal } = world.deps;
  // It is still being made: nothing is asked for until that has ended.
  expect(await drainTenant({ database, auditSeal }, order)).toEqual({ remaining: 1, obsolete: false });
  await ended(instanceId, 'Running');
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 1 });
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 1 });
  expect(await kindsOf(instanceId)).toEqual(['create', 'stop']);
  expect((await world.call(`GET /tenants/${tenantId}`, undefined, { key })).body.progress.waitingFor).toMatchObject([{ id: instanceId, name: 'theirs' }]);
  await ended(instanceId, 'Stopped');
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 0 });
  await endTenantWork({ database, auditSeal }, order);
  await endTenantWork({ database, auditSeal }, order);
  expect((await put(tenantId, { state: 'active' })).body).toMatchObject({ state: 'active', progress: null });
  expect(await drainTenant({ database, auditSeal }, order)).toEqual({ remaining: 0, obsolete: true });
  expect((await world.call('POST /projects', { name: 'more' }, { key })).status).toBe(201);
});

it('that are deleted destroy their claws as asked, and leave nobody and no key', async () => {
  const { tenantId, key, instanceId } = await withClaw();
  const { tenantId: neighbour, key: neighboursKey } = await withClaw();
  expect((await world.call(`DELETE /tenants/${tenantId}?retention=wipe`, undefined, { key })).body).toMatchObject({
    state: 'deleting',
    progress: { retention: 'wipe' },
  });
  expect((await world.call(`DELETE /tenants/${tenantId}`, undefined, { key: admin })).body).toMatchObject({ status: 409, code: 'STILL_IN_USE' });
  const order = await orderOf(tenantId);
  const { database, auditSeal } = world.deps;
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 1 });
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 1 });
  expect(await kindsOf(instanceId)).toEqual(['create', 'destroy']);
  expect(await world.rows("SELECT params FROM operation WHERE instance_id = $1 AND kind = 'destroy'", [instanceId])).toEqual([
    { params: { retention: 'wipe' } },
  ]);
  await ended(instanceId, 'Destroyed');
  expect(await drainTenant({ database, auditSeal }, order)).toMatchObject({ remaining: 0 });
  await endTenantWork({ database, auditSeal }, order);
  await endTenantWork({ database, auditSeal }, order);
  for (const table of ['instance', 'project', 'membership', 'api_key', 'operation', 'fleet_event'])
    expect(await world.rows(`SELECT 1 FROM ${table} WHERE tenant_id = $1`, [tenantId]), table).toEqual([]);
  expect(
    (await world.rows<{ action: string }>('SELECT action FROM audit_event WHERE tenant_id = $1 ORDER BY seq', [tenantId])).map(({ action }) => action),
  ).toEqual(expect.arrayContaining(['instance.create', 'tenant.delete', 'instance.destroy', 'tenant.deleted']));
  const [head] = await world.rows<{ seq: number; hash: string; signature: string }>('SELECT seq, hash, signature FROM audit_head WHERE tenant_id = $1', [
    tenantId,
  ]);
  expect(await auditSeal.proves(signedText('head', tenantId, head!.seq, head!.hash), head!.signature)).toBe(true);
  expect((await world.call('GET /me', undefined, { key })).status).toBe(401);
  expect((await world.call(`GET /tenants/${tenantId}`, undefined, { key: admin })).body).toMatchObject({ state: 'deleted', members: 0 });
  expect((await world.call('GET /instances', undefined, { key: neighboursKey })).body.items).toHaveLength(1);
  expect((await world.call(`GET /tenants/${neighbour}`, undefined, { key: admin })).body.state).toBe('active');
});

it('are looked after by at least one administrator', async () => {
  const me = (await world.call('GET /me', undefined, { key: admin })).body.user.id;
  expect((await world.call(`DELETE /platform-roles/${me}`, undefined, { key: admin })).body).toMatchObject({ status: 409, code: 'STILL_IN_USE' });
  await world.rows(`INSERT INTO auth."user" (id, name, email, updated_at) VALUES ('usr_${'0'.repeat(20)}', 'Cy', 'cy@example.com', now())`);
  const given = await world.call('POST /platform-roles', { email: 'Cy@example.com', role: 'auditor' }, { key: admin });
  expect(given).toMatchObject({ status: 201, body: { name: 'Cy', role: 'auditor' } });
  expect((await world.call(`DELETE /platform-roles/${given.body.userId}`, undefined, { key: admin })).status).toBe(204);
  expect((await world.call('POST /platform-roles', { email: 'nobody@example.com', role: 'admin' }, { key: admin })).status).toBe(404);
});
