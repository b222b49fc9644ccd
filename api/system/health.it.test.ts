import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import type { ComponentHealth } from './system.schema.ts';

let world: ApiWorld;
let key: string;
let hostId: string;

beforeAll(async () => {
  world = await openApiWorld({ env: { TEMPORAL_UI_URL: 'http://localhost:8233' } });
  key = await setUp(world);
  hostId = await hostOnline(world);
});

afterAll(() => world.close());

/** The component as soon as its answer is as expected: answers are shared for a second. */
async function component(name: string, expected: object): Promise<void> {
  const find = async () => (await world.call('GET /system/health', undefined, { key })).body.components.find((one: ComponentHealth) => one.name === name);
  await expect.poll(find).toMatchObject(expected);
}

const named = (name: string, value: unknown = expect.anything()) => expect.objectContaining({ name, value });

describe('the health of the platform', () => {
  it('tells of each part what is known of it', async () => {
    await component('api', {
      status: 'ok',
      version: '0.1.0',
      since: expect.any(String),
      facts: expect.arrayContaining([named('processes', 1), named('memory')]),
    });
    const [{ applied } = { applied: 0 }] = await world.rows<{ applied: number }>('SELECT count(*)::integer AS applied FROM _prisma_migrations');
    await component('database', {
      status: 'ok',
      facts: expect.arrayContaining([named('connections'), named('size'), named('migrationsApplied', applied), named('migrationsKnown', applied)]),
    });
    await component('workflow-engine', { status: 'ok', version: expect.stringMatching(/^\d/) });
    await component('disk', { facts: expect.arrayContaining([named('diskFree'), named('diskTotal')]) });
    await component('encryption-key', { status: 'ok', facts: expect.arrayContaining([named('keys', 1), named('age', 0)]) });
    // A host whose bridge gives no sign is noted as gone.
    await hostOnline(world);
    await component('hosts', { facts: [named('online', 1), named('known', 1)] });
    await component('host', { host: { id: hostId, name: 'this-machine' }, facts: expect.arrayContaining([named('isolation'), named('diskFree')]) });
  });

  it('names what is wrong with the command that mends it', async () => {
    await component('worker', { status: 'down', message: 'No worker asks for work.', command: 'npm run up' });
    await component('model-service', { status: 'down', command: 'npm run up' });
    await hostOnline(world);
    await world.rows('UPDATE host SET info = info || \'{"bridgeVersion": "0.0.1"}\' WHERE id = $1', [hostId]);
    await component('host', { status: 'degraded', message: 'Its bridge has version 0.0.1, the platform 0.1.0.', command: 'npm run up' });
    await world.rows('UPDATE host SET connected = false WHERE id = $1', [hostId]);
    await component('host', { status: 'down', command: 'npm run up' });
    await component('hosts', { status: 'down', message: 'No host is online.' });
    await world.call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] }, { key });
    await world.rows('UPDATE provider SET state = \'failed\', error = \'{"message": "It was refused."}\'');
    await component('providers', { status: 'degraded', command: 'claw provider verify acme' });
    const ending = new Date(Date.now() + 3.5 * 86_400_000).toISOString();
    await world.call('POST /api-keys', { name: 'the build', expiresAt: ending }, { key });
    await component('api-keys', { status: 'degraded', message: 'The API key “the build” ends in 3 days.', command: "claw api-key create 'the build'" });
    await world.rows('DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)');
    await component('database', { status: 'degraded', message: '1 migrations are not applied.', command: 'npm run up' });
  });

  it('tells nobody of the hosts, keys and providers of others', async () => {
    await world.rows("INSERT INTO host (id, tenant_id, name, token_hash) SELECT 'hst_private', id, 'private', 'h' FROM tenant LIMIT 1");
    const stranger = await addStranger(world);
    const { components } = (await world.call('GET /system/health', undefined, { key: stranger.key })).body;
    const text = JSON.stringify(components);
    expect(text).toContain('this-machine');
    for (const theirs of ['private', 'acme', 'the build']) expect(text).not.toContain(theirs);
  });
});

describe('an id of any kind', () => {
  const requestId = `req-${randomBytes(8).toString('hex')}`;
  let instanceId: string;
  let operationId: string;

  beforeAll(async () => {
    await hostOnline(world);
    const body = { name: 'traced', resources: { cpu: '10m', memory: '64Mi' } };
    const made = await world.call('POST /instances', body, { key, headers: { 'idempotency-key': 'traced', 'x-request-id': requestId } });
    expect(made.headers.get('x-request-id')).toBe(requestId);
    instanceId = made.body.instance.id;
    operationId = made.body.operation.id;
  });

  const trace = async (id: string, as = key) => (await world.call(`GET /system/trace?id=${encodeURIComponent(id)}`, undefined, { key: as })).body;

  it('leads to request, operation, instance and workflow with its run and page', async () => {
    const id = instanceWorkflowId(instanceId);
    await expect.poll(async () => (await trace(operationId)).workflow?.runId).toMatch(/^[0-9a-f-]{36}$/);
    const { workflow, ...rest } = await trace(requestId);
    expect(rest).toEqual({ id: requestId, kind: 'request', requestId, operationIds: [operationId], instanceId });
    expect(workflow.id).toBe(id);
    expect(workflow.url).toBe(`http://localhost:8233/namespaces/${world.deps.config.TEMPORAL_NAMESPACE}/workflows/${encodeURIComponent(id)}/${workflow.runId}`);
    expect(await trace(operationId)).toMatchObject({ kind: 'operation', requestId, instanceId });
    expect(await trace(instanceId)).toMatchObject({ kind: 'instance', operationIds: [operationId] });
    expect(await trace(id)).toMatchObject({ kind: 'workflow', instanceId });
    expect(await trace(hostId)).toMatchObject({ kind: 'host', workflow: { id: `host/${hostId}/observer` } });
    const about = (line: { requestId?: string; operationId?: string }) => line.requestId === requestId || line.operationId === operationId;
    const lines = () =>
      world
        .logged()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .filter(about);
    await expect
      .poll(lines)
      .toEqual([expect.objectContaining({ requestId, operationId }), expect.objectContaining({ operationId, instanceId, workflowId: id, kind: 'create' })]);
    const { items } = (await world.call(`GET /operations?requestId=${requestId}`, undefined, { key })).body;
    expect(items).toMatchObject([{ id: operationId, requestId }]);
  });

  it('of somebody else, or of nobody, is not found', async () => {
    const stranger = await addStranger(world);
    for (const id of [requestId, operationId, instanceId, instanceWorkflowId(instanceId)])
      expect(await trace(id, stranger.key)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await trace('nothing')).toMatchObject({ code: 'NOT_FOUND', requestId: expect.any(String) });
  });
});
