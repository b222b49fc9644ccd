import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../activities/platform/ids.ts';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { type Database, openDatabase } from '../../prisma/client.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { addTenant, asOwner, type TestTenant, testSecretBox } from '../models/testing/tenant-data.ts';
import { actorIn, openResourceApp, type ResourceApp } from '../providers/testing/resource-app.ts';
import { instanceUsage, overview } from './usage.schema.ts';
import { readInstanceUsage, readOverview } from './usage.service.ts';

let testDb: TestDatabase;
let database: Database;
let app: ResourceApp;
let tenant: TestTenant;
const NOW = new Date('2026-11-21T10:30:00Z');

beforeAll(async () => {
  testDb = await testDatabase();
  database = openDatabase({ url: testDb.appUrl });
  app = await openResourceApp(database, testSecretBox());
  tenant = await addTenant(testDb.ownerUrl);
  const other = await addTenant(testDb.ownerUrl);
  await use(tenant, '2026-11-21T10:29:00Z', { status: 200, prompt: 1200, completion: 34, cost: 200 });
  await use(tenant, '2026-11-21T10:00:00Z', { status: 503, errorCode: 'MODEL_UNAVAILABLE' });
  await use(tenant, '2026-11-21T09:59:59Z', { status: 499, errorCode: 'CANCELLED', prompt: 10 });
  await use(tenant, '2026-11-20T11:10:00Z', { status: 200, completion: 5, cost: 7 });
  await use(tenant, '2026-11-20T10:20:00Z', { status: 200, prompt: 1_000_000, cost: 999 });
  await use(other, '2026-11-21T10:29:00Z', { status: 200, prompt: 77, cost: 77 });
});

afterAll(async () => {
  await app?.close();
  await database?.close();
  await testDb?.drop();
});

function use(who: TestTenant, at: string, row: { status: number; prompt?: number; completion?: number; cost?: number; errorCode?: string }): Promise<unknown> {
  const values = [
    newId(IdPrefix.usage),
    who.tenantId,
    who.projectId,
    who.instanceId,
    row.status,
    row.prompt ?? 0,
    row.completion ?? 0,
    row.cost ?? 0,
    row.errorCode ?? null,
    at,
  ];
  return asOwner(testDb.ownerUrl, (sql) =>
    sql.query(
      `INSERT INTO usage_record (id, tenant_id, project_id, instance_id, provider, model, path, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, first_byte_ms, error_code, at)
       VALUES ($1, $2, $3, $4, 'acme', 'm', '/v1/chat/completions', $5, true, $6, $7, $8, 120, 40, $9, $10)`,
      values,
    ),
  );
}

describe('the usage of an instance', () => {
  it('sums the last 24 hours and lists the newest requests, failures with their code', async () => {
    const usage = await database.withTenantSql(tenant.tenantId, (sql) => readInstanceUsage(sql, tenant.instanceId, NOW));
    expect(usage).toMatchObject({ requests: 4, errors: 1, promptTokens: 1210, completionTokens: 39, costMicroUsd: 207 });
    expect(usage.recent.map(({ at, status, errorCode }) => [at, status, errorCode]).slice(0, 2)).toEqual([
      ['2026-11-21T10:29:00.000Z', 200, null],
      ['2026-11-21T10:00:00.000Z', 503, 'MODEL_UNAVAILABLE'],
    ]);
    expect(usage.recent).toHaveLength(5);
  });

  it('is answered as the contract says, and to its own tenant only', async () => {
    const answer = await app.call(actorIn(tenant.tenantId, 'viewer'), 'GET', `/instances/${tenant.instanceId}/usage`);
    expect(answer.status).toBe(200);
    instanceUsage.parse(answer.body);
    const stranger = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
    expect((await app.call(stranger, 'GET', `/instances/${tenant.instanceId}/usage`)).status).toBe(404);
    expect((await app.call(stranger, 'GET', '/instances/nonsense/usage')).status).toBe(404);
  });
});

describe('the overview', () => {
  it('has every one of the last 24 hours, the running one last, and sums that agree with them', async () => {
    const { usage24h } = await database.withTenantSql(tenant.tenantId, (sql) => readOverview(sql, NOW));
    expect(usage24h.hourly).toHaveLength(24);
    expect(usage24h.hourly[0]).toEqual({ at: '2026-11-20T11:00:00.000Z', requests: 1, errors: 0, costMicroUsd: 7 });
    expect(usage24h.hourly.at(-2)).toEqual({ at: '2026-11-21T09:00:00.000Z', requests: 1, errors: 0, costMicroUsd: 0 });
    expect(usage24h.hourly.at(-1)).toEqual({ at: '2026-11-21T10:00:00.000Z', requests: 2, errors: 1, costMicroUsd: 200 });
    expect(usage24h).toMatchObject({ requests: 4, errors: 1, promptTokens: 1210, completionTokens: 39, costMicroUsd: 207 });
  });

  it('counts living instances by phase and operations by what they do', async () => {
    await asOwner(testDb.ownerUrl, async (sql) => {
      for (const [seq, state] of ['pending', 'running', 'retrying', 'succeeded', 'failed'].entries()) {
        await sql.query(
          "INSERT INTO operation (id, tenant_id, instance_id, seq, kind, generation, state, requested_by) VALUES ($1, $2, $3, $4, 'start', 1, $5, 'usr_x')",
          [newId(IdPrefix.operation), tenant.tenantId, tenant.instanceId, seq, state],
        );
      }
    });
    const { status, body } = await app.call(actorIn(tenant.tenantId, 'viewer'), 'GET', '/metrics/overview');
    expect(status).toBe(200);
    expect(overview.parse(body)).toMatchObject({ instances: { byPhase: { Creating: 1 } }, operations: { running: 2, retrying: 1 } });
    await asOwner(testDb.ownerUrl, (sql) => sql.query('UPDATE instance SET destroyed_at = now() WHERE id = $1', [tenant.instanceId]));
    expect((await app.call(actorIn(tenant.tenantId), 'GET', '/metrics/overview')).body).toMatchObject({ instances: { byPhase: {} } });
  });

  it('of a tenant without anything is all zeros', async () => {
    const empty = actorIn(newId(IdPrefix.tenant));
    const { body } = await app.call(empty, 'GET', '/metrics/overview');
    expect(overview.parse(body)).toMatchObject({
      instances: { byPhase: {} },
      operations: { running: 0, retrying: 0 },
      usage24h: { requests: 0, costMicroUsd: 0 },
    });
  });
});
