import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../activities/platform/ids.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { entitled, reserveSeat } from '../http/entitlements.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let customer: Stranger;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world, { isolation: 'uid' });
  customer = await addStranger(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown) => world.call(request, body, { key });
const asCustomer = (request: string, body?: unknown) => world.call(request, body, { key: customer.key });
const planOfCustomer = (plan: string) => call(`PUT /tenants/${customer.tenantId}/plan`, { plan });

describe('a tenant that was given no plan', () => {
  it('is on one that limits nothing and includes everything', async () => {
    const { body } = await asCustomer(`GET /tenants/${customer.tenantId}/plan`);
    expect(body).toEqual({
      plan: { name: 'unlimited', limits: { instances: null, cpu: null, memory: null, storage: null }, seats: null, entitlements: null },
      seats: { limit: null, used: 1 },
      since: null,
    });
    expect(await world.deps.database.withTenantSql(customer.tenantId, (sql) => entitled(sql, customer.tenantId, 'sso'))).toBe(true);
  });

  it('keeps it as it is', async () => {
    expect((await call('PUT /plans/unlimited', { seats: 1 })).body).toMatchObject({ status: 409, code: 'NAME_TAKEN' });
  });
});

describe('a plan', () => {
  it('is made, changed and given by the platform only', async () => {
    const small = { limits: { instances: 1, memory: '1Gi' }, seats: 2, entitlements: ['personal-claws'] };
    expect((await asCustomer('PUT /plans/small', small)).status).toBe(403);
    expect((await call('PUT /plans/small', small)).body).toMatchObject({ name: 'small', limits: { instances: 1, cpu: null, memory: '1Gi' }, seats: 2 });
    expect((await asCustomer(`PUT /tenants/${customer.tenantId}/plan`, { plan: 'small' })).status).toBe(403);
    expect((await planOfCustomer('none')).body).toMatchObject({ status: 422, errors: [{ path: '/plan' }] });
    expect((await planOfCustomer('small')).body).toMatchObject({ plan: { name: 'small' }, seats: { limit: 2, used: 1 } });
    expect((await call('PUT /plans/Wrong', small)).status).toBe(404);
    expect((await asCustomer('GET /plans')).body.items.map(({ name }: { name: string }) => name)).toEqual(['small', 'unlimited']);
  });

  it('says how much a tenant may have until the tenant is given a quota of its own', async () => {
    const create = (name: string) => asCustomer('POST /instances', { name, resources: { cpu: '1m', memory: '16Mi' } });
    expect((await create('first')).status).toBe(202);
    const refused = await create('second');
    expect(refused.body.detail).toBe('Instances of the tenant Another (plan small): 1 of 1 taken, 1 more needed.');
    await call(`PUT /tenants/${customer.tenantId}/quota`, { instances: 2 });
    expect((await create('second')).status).toBe(202);
    expect((await asCustomer('GET /quota')).body.tenant).toMatchObject({ instances: { limit: 2, used: 2 }, memoryBytes: { limit: 2 ** 30 } });
  });

  it('has as many seats as it says, for members and pending invitations', async () => {
    const seat = () => world.deps.database.withTenantSql(customer.tenantId, (sql) => reserveSeat(sql, customer.tenantId));
    await seat();
    const invite = (state: string) =>
      world.rows(
        `INSERT INTO invitation (id, tenant_id, email, role, hash, state, invited_by, expires_at)
         VALUES ('inv_' || $2, $1, $2 || '@example.com', 'viewer', 'h', $2, 'usr_x', now() + interval '1 day')`,
        [customer.tenantId, state],
      );
    await invite('revoked');
    await seat();
    await invite('pending');
    await expect(seat()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED', message: expect.stringContaining('2 of 2 taken') });
    const invited = await asCustomer('POST /invitations', { emails: ['third@example.com'], role: 'viewer' });
    expect(invited.body.items).toMatchObject([{ email: 'third@example.com', invitation: null, refusal: { code: 'QUOTA_EXCEEDED' } }]);
    expect((await asCustomer(`GET /tenants/${customer.tenantId}/plan`)).body.seats).toEqual({ limit: 2, used: 2 });
    await world.rows("UPDATE invitation SET expires_at = now() - interval '1 minute' WHERE state = 'pending'");
    await seat();
  });
});

describe('what a plan does not include', () => {
  it('is refused with the name of the plan', async () => {
    expect((await asCustomer('GET /audit/export')).body).toMatchObject({
      status: 403,
      code: 'NOT_ENTITLED',
      detail: 'The plan small does not include audit-export.',
    });
  });
});

describe('the usage of a tenant', () => {
  it('is exported by day, claw and model, to owners and admins, when the plan includes it', async () => {
    expect((await asCustomer('GET /usage/export')).body).toMatchObject({ status: 403, code: 'NOT_ENTITLED' });
    await call('PUT /plans/small', { entitlements: ['usage-export'] });
    const [instance] = await world.rows<{ id: string }>("SELECT id FROM instance WHERE tenant_id = $1 AND name = 'first'", [customer.tenantId]);
    for (const [at, status] of [
      ['2026-11-20T23:59:59Z', 200],
      ['2026-11-21T00:00:00Z', 200],
      ['2026-11-21T10:00:00Z', 503],
    ] as const) {
      await world.rows(
        `INSERT INTO usage_record (id, tenant_id, project_id, instance_id, provider, model, path, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, at)
         VALUES ($1, $2, $3, $4, 'acme', '=m', '/v1/chat/completions', $5, false, 10, 5, 7, 100, $6)`,
        [newId(IdPrefix.usage), customer.tenantId, customer.projectId, instance!.id, status, at],
      );
    }
    const { body } = await asCustomer('GET /usage/export?from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z');
    expect(body).toMatchObject({ tenantId: customer.tenantId, plan: 'small' });
    expect(body.rows).toMatchObject([
      { day: '2026-11-20', instance: 'first', model: '=m', requests: 1, errors: 0, promptTokens: 10, costMicroUsd: 7 },
      { day: '2026-11-21', requests: 2, errors: 1, completionTokens: 10 },
    ]);
    const csv = await asCustomer('GET /usage/export.csv?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.body.split('\r\n')).toEqual([expect.stringMatching(/^day,projectId,/), expect.stringMatching(/^2026-11-20,.*,first,acme,'=m,1,0,10,5,7$/), '']);
    const viewer = await addStranger(world, 'viewer', ['read'], customer.tenantId);
    expect((await world.call('GET /usage/export', undefined, { key: viewer.key })).status).toBe(403);
    expect((await asCustomer('GET /usage/export?from=2020-01-01T00:00:00Z')).body).toMatchObject({ status: 422, errors: [{ path: '/query/from' }] });
  });
});
