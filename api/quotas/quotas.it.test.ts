import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cpuMillis, quantityBytes } from '../../workflows/contracts/quantities.ts';
import { type Answer, type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;
let projectId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world, { cpus: 64, memoryBytes: 2 ** 40, ports: { base: 20_000, perSlot: 10, slots: 500 } });
  const [project] = await world.rows<{ id: string; tenant_id: string }>('SELECT id, tenant_id FROM project');
  tenantId = project!.tenant_id;
  projectId = project!.id;
});

afterAll(() => world.close());

afterEach(async () => {
  await world.rows('DELETE FROM quota');
  await world.rows("UPDATE instance SET intent_phase = 'Destroyed', destroyed_at = now() WHERE destroyed_at IS NULL");
});

let count = 0;
const call = (request: string, body?: unknown, headers: Record<string, string> = {}) => world.call(request, body, { key, headers });
const create = (resources: object = { cpu: '1m', memory: '16Mi' }, more: object = {}): Promise<Answer> =>
  call('POST /instances', { name: `claw-${++count}`, resources, ...more });
const limitTenant = (limits: object) => call(`PUT /tenants/${tenantId}/quota`, limits);
const limitProject = (limits: object, id = projectId) => call(`PUT /projects/${id}/quota`, limits);

async function made(resources?: object, more?: object): Promise<string> {
  const { status, body } = await create(resources, more);
  expect(status, JSON.stringify(body)).toBe(202);
  return body.instance.id;
}

/** As if its operation had ended and it rested in this phase. */
async function settle(id: string, phase: string): Promise<void> {
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [id]);
  await world.rows("UPDATE instance SET intent_phase = $2, destroyed_at = CASE WHEN $2 = 'Destroyed' THEN now() END WHERE id = $1", [id, phase]);
}

const resize = async (id: string, resources: object) => call(`PUT /instances/${id}`, { resources }, { 'if-match': '*' });

describe('a quota of ten', () => {
  it('admits exactly ten of a hundred that come at once to two processes', async () => {
    const other = await world.second();
    await limitTenant({ instances: 10 });
    const ask = async (number: number): Promise<number> => {
      const url = number % 2 === 0 ? world.api.url : other.url;
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': `rush-${number}` };
      const body = JSON.stringify({ name: `rush-${number}`, resources: { cpu: '1m', memory: '16Mi' } });
      for (;;) {
        const answer = await fetch(`${url}/api/v1/instances`, { method: 'POST', headers, body });
        // On a busy machine a request may get no connection in time; it is sent again as every client does.
        if (answer.status !== 503) return answer.status;
      }
    };
    const statuses = await Promise.all(Array.from({ length: 100 }, (_, number) => ask(number)));
    expect(statuses.filter((status) => status === 202)).toHaveLength(10);
    expect(statuses.filter((status) => status === 409)).toHaveLength(90);
    expect(await world.rows("SELECT id FROM instance WHERE name LIKE 'rush-%' AND destroyed_at IS NULL")).toHaveLength(10);
    expect((await call('GET /quota')).body.tenant.instances).toEqual({ limit: 10, used: 10 });
  });

  it('says who has it, how much is taken and what to do', async () => {
    await limitTenant({ instances: 1 });
    await made();
    const refused = await create();
    expect(refused.body).toMatchObject({ status: 409, code: 'QUOTA_EXCEEDED' });
    expect(refused.body.detail).toBe('Instances of the tenant Default (plan unlimited): 1 of 1 taken, 1 more needed.');
    expect(refused.body.nextStep).toContain('administrator of the platform');
  });

  it('has room again in the moment that an instance is destroyed, and not when it is stopped', async () => {
    await limitTenant({ instances: 1 });
    const id = await made();
    await settle(id, 'Stopped');
    expect((await create()).body.code).toBe('QUOTA_EXCEEDED');
    await settle(id, 'Destroyed');
    await made();
  });

  it('is judged by a dry run as by a create', async () => {
    await limitTenant({ instances: 0 });
    const dry = await call('POST /instances?dryRun=true', { name: 'dry' });
    expect(dry.body).toMatchObject({ valid: false, problem: { code: 'QUOTA_EXCEEDED' } });
  });
});

describe('amounts', () => {
  it('are taken by what an instance was given, resource by resource', async () => {
    await limitTenant({ cpu: '1', memory: '256Mi', storage: '1Gi' });
    await made({ cpu: '600m', memory: '64Mi', storage: '512Mi' });
    const refused = await create({ cpu: '500m', memory: '256Mi', storage: '1Gi' });
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(['/resources/cpu', '/resources/memory', '/resources/storage']);
    expect(refused.body.errors[0].message).toBe('CPU of the tenant Default (plan unlimited): 600m of 1 taken, 500m more needed.');
    await made({ cpu: '400m', memory: '192Mi', storage: '512Mi' });
    const { tenant, projects, largest } = (await call('GET /quota')).body;
    expect(tenant).toMatchObject({ cpuMillis: { limit: 1000, used: 1000 }, memoryBytes: { limit: 2 ** 28, used: 2 ** 28 }, storageBytes: { used: 2 ** 30 } });
    expect(projects).toMatchObject([{ id: projectId, instances: { limit: null, used: 2 }, limits: { cpu: null } }]);
    expect(largest[0]).toMatchObject({ memoryBytes: 192 * 2 ** 20 });
  });

  it('are judged again when an instance is resized, but only those that grow', async () => {
    await limitTenant({ memory: '256Mi' });
    const [first, second] = [await made({ cpu: '10m', memory: '128Mi' }), await made({ cpu: '10m', memory: '128Mi' })];
    await settle(first, 'Running');
    await settle(second, 'Running');
    expect((await resize(first, { memory: '129Mi' })).body).toMatchObject({ code: 'QUOTA_EXCEEDED', errors: [{ path: '/resources/memory' }] });
    await limitTenant({ memory: '64Mi' });
    expect((await resize(first, { memory: '100Mi', cpu: '20m' })).status).toBe(202);
    expect((await call(`PUT /instances/${second}`, { labels: { team: 'a' } }, { 'if-match': '*' })).status).toBe(202);
    await settle(second, 'Stopped');
    expect((await call(`POST /instances/${second}/start`)).status).toBe(202);
  });

  it('count in an edit of a failed create as well, with the path of the patch', async () => {
    await limitTenant({ memory: '256Mi' });
    const id = await made({ cpu: '10m', memory: '128Mi' });
    await settle(id, 'Failed');
    const refused = await call(`POST /instances/${id}/retry`, { specPatch: { resources: { memory: '257Mi' } } });
    expect(refused.body).toMatchObject({ code: 'QUOTA_EXCEEDED', errors: [{ path: '/specPatch/resources/memory' }] });
    expect((await call(`POST /instances/${id}/retry`, { specPatch: { resources: { memory: '256Mi' } } })).status).toBe(202);
  });

  it('are the same to the database as to the API', async () => {
    for (const quantity of ['500m', '1', '1.5', '16.1', '0.25', '1.5m', '8.2']) {
      expect(await world.rows('SELECT cpu_millis($1)::float8 AS amount', [quantity]), quantity).toEqual([{ amount: cpuMillis(quantity) }]);
    }
    for (const quantity of ['512Mi', '2Gi', '1G', '1024', '1.5Ki', '1Ti', '3k', '7M', '1T', '0.5Gi']) {
      expect(await world.rows('SELECT quantity_bytes($1)::float8 AS amount', [quantity]), quantity).toEqual([{ amount: quantityBytes(quantity) }]);
    }
    expect(await world.rows("SELECT cpu_millis('many') AS cpu, quantity_bytes('1Gb') AS bytes")).toEqual([{ cpu: null, bytes: null }]);
  });

  it('never go over the quota and never drift, whatever comes at once', async () => {
    const other = await world.second();
    const limit = 1000;
    await limitTenant({ cpu: '1' });
    const send = (number: number, request: string, body?: unknown) =>
      fetch(`${number % 2 ? other.url : world.api.url}/api/v1${request.split(' ')[1]}`, {
        method: request.split(' ')[0] ?? 'GET',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-match': '*' },
        body: body === undefined ? null : JSON.stringify(body),
      });
    for (let round = 0; round < 4; round += 1) {
      const living = await world.rows<{ id: string }>('SELECT id FROM instance WHERE destroyed_at IS NULL ORDER BY id');
      for (const { id } of living) await settle(id, 'Running');
      await Promise.all([
        ...Array.from({ length: 6 }, (_, n) =>
          send(n, 'POST /instances', { name: `mix-${round}-${n}`, resources: { cpu: `${150 + 50 * n}m`, memory: '16Mi' } }),
        ),
        ...living.map(({ id }, n) => send(n, `PUT /instances/${id}`, { resources: { cpu: `${100 + 130 * ((n + round) % 4)}m` } })),
      ]);
      const [ended] = living;
      if (ended) await settle(ended.id, 'Destroyed');
      const specs = await world.rows<{ cpu: string }>("SELECT spec->'resources'->>'cpu' AS cpu FROM instance WHERE destroyed_at IS NULL");
      const { cpuMillis: cpu, instances } = (await call('GET /quota')).body.tenant;
      expect(cpu.used).toBe(specs.reduce((sum, { cpu: quantity }) => sum + (cpuMillis(quantity) ?? 0), 0));
      expect(instances.used).toBe(specs.length);
      expect(cpu.used).toBeLessThanOrEqual(limit);
      expect(cpu.used).toBeGreaterThan(0);
    }
  });
});

describe('a project', () => {
  it('has a quota of its own within that of its tenant', async () => {
    await limitTenant({ instances: 3, memory: '1Gi' });
    const tooMuch = await limitProject({ instances: 4, memory: '1Gi' });
    expect(tooMuch.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/instances', message: 'is more than the tenant may have: 3' }] });
    expect((await limitProject({ instances: 1 })).body.projects).toMatchObject([{ id: projectId, limits: { instances: 1 }, instances: { limit: 1, used: 0 } }]);
    await made();
    const refused = await create();
    expect(refused.body.detail).toBe('Instances of the project default: 1 of 1 taken, 1 more needed.');
    expect(refused.body.nextStep).toContain('owner or admin of the tenant');
    const second = await addStranger(world, 'operator', ['read', 'write'], tenantId);
    await made(undefined, { projectId: second.projectId });
    expect(await world.rows("SELECT scope_id FROM quota WHERE scope_kind = 'project'")).toEqual([{ scope_id: projectId }]);
  });

  it('takes its limits and rules with it', async () => {
    const { projectId: other } = await addStranger(world, 'viewer', ['read'], tenantId);
    await limitProject({ instances: 1 }, other);
    await call(`PUT /projects/${other}/policies`, { types: ['openclaw'] });
    await world.rows('DELETE FROM project WHERE id = $1', [other]);
    expect(await world.rows('SELECT scope_id FROM quota WHERE scope_id = $1 UNION SELECT scope_id FROM claw_policy WHERE scope_id = $1', [other])).toEqual([]);
  });
});

describe('who may', () => {
  it('see it: whoever works in the tenant; set it: the platform for tenants, owners and admins for projects', async () => {
    const [operator, admin] = [
      await addStranger(world, 'operator', ['read', 'write'], tenantId),
      await addStranger(world, 'admin', ['read', 'write'], tenantId),
    ];
    expect((await world.call('GET /quota', undefined, { key: operator.key })).status).toBe(200);
    expect((await world.call(`PUT /projects/${projectId}/quota`, { instances: 5 }, { key: operator.key })).status).toBe(403);
    expect((await world.call(`PUT /projects/${projectId}/quota`, { instances: 5 }, { key: admin.key })).status).toBe(200);
    expect((await world.call(`PUT /tenants/${tenantId}/quota`, { instances: 5 }, { key: admin.key })).status).toBe(403);
  });

  it('reach another tenant: only somebody of the platform, and it is audited there', async () => {
    const stranger = await addStranger(world);
    for (const request of [`GET /tenants/${tenantId}/quota`, `GET /tenants/${tenantId}/policies`]) {
      expect((await world.call(request, undefined, { key: stranger.key })).status).toBe(404);
    }
    expect((await world.call(`PUT /projects/${projectId}/quota`, {}, { key: stranger.key })).status).toBe(404);
    expect((await call(`PUT /tenants/${stranger.tenantId}/quota`, { instances: 2 })).body.tenant).toMatchObject({
      id: stranger.tenantId,
      limits: { instances: 2 },
    });
    expect((await world.call('GET /quota', undefined, { key: stranger.key })).body.tenant.instances).toEqual({ limit: 2, used: 0 });
    const audited = await world.rows("SELECT tenant_id, after FROM audit_event WHERE action = 'quota.set' AND target = $1", [stranger.tenantId]);
    expect(audited).toMatchObject([{ tenant_id: stranger.tenantId, after: { instances: 2 } }]);
  });

  it('gets a clear answer to limits that are none', async () => {
    expect((await limitTenant({ instances: -1 })).body).toMatchObject({ status: 422, errors: [{ path: '/instances' }] });
    expect((await limitTenant({ memory: '999999999999999Ti' })).body).toMatchObject({ status: 422, errors: [{ path: '/memory' }] });
    expect((await call('PUT /projects/prj_00000000000000000000/quota', {})).status).toBe(404);
  });
});
