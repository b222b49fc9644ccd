import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Direction } from '../../workflows/contracts/rollout.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let tenant: Stranger;
const ids: string[] = [];

const GREETING = { kind: 'overrides', set: [{ key: 'logging.level', value: 'debug' }], unset: [] };

beforeAll(async () => {
  world = await openApiWorld();
  await setUp(world);
  await hostOnline(world);
  tenant = await addStranger(world);
  for (const name of ['a', 'b', 'c', 'd']) {
    const { body } = await call('POST /instances', { name, labels: { team: name < 'c' ? 'x' : 'y' }, resources: { cpu: '10m', memory: '64Mi' } });
    ids.push(body.instance.id);
  }
  // No worker runs: what it would have written is written here.
  await world.rows("UPDATE instance SET intent_phase = 'Running', observed_ready = true, config_hash = 'sha256:before' WHERE id = ANY($1)", [ids]);
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = ANY($1)", [ids]);
});

afterAll(() => world.close());

function call(request: string, body?: unknown, key = tenant.key) {
  return world.call(request, body, { key });
}

function changeTarget(rolloutId: string, instanceId: string, batchId: string, direction: Direction = 'forward') {
  return world.call(
    'POST /internal/rollout-targets',
    { tenantId: tenant.tenantId, rolloutId, instanceId, batchId, direction },
    {
      key: world.deps.config.SERVICE_TOKEN,
      base: '',
    },
  );
}

async function endOperations(): Promise<void> {
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE finished_at IS NULL AND tenant_id = $1", [tenant.tenantId]);
}

/** What the workflow writes when it asks for approval. */
async function awaitApproval(id: string): Promise<void> {
  const state = { phase: 'AwaitingApproval', asks: 'start', wave: 0, stage: 'approval', approvedBy: [], askedAt: new Date().toISOString(), touched: false };
  await world.rows("UPDATE rollout SET phase = 'AwaitingApproval', wave = 0, state = $2 WHERE id = $1", [id, JSON.stringify(state)]);
}

async function endRollouts(): Promise<void> {
  await world.rows("UPDATE rollout SET phase = 'Aborted' WHERE tenant_id = $1", [tenant.tenantId]);
  await endOperations();
}

describe('a preview', () => {
  it('says who would land in which wave with which difference, and does nothing', async () => {
    const { status, body } = await call('POST /rollouts/preview', { change: GREETING });
    expect(status).toBe(200);
    expect(body).toMatchObject({ targets: 4, unchanged: 0, conflicts: [] });
    expect(body.waves.map((wave: { name: string; targets: object[] }) => [wave.name, wave.targets.length])).toEqual([
      ['canary', 1],
      ['50 %', 1],
      ['100 %', 2],
    ]);
    expect(body.waves[0].targets[0]).toMatchObject({
      name: 'a',
      deferred: false,
      refusal: null,
      differences: [{ path: '/config/overrides/logging.level', before: null, after: 'debug' }],
    });
    expect((await call('GET /rollouts')).body.items).toEqual([]);
  });

  it('names what would be refused, instance by instance', async () => {
    const { body } = await call('POST /rollouts/preview', { change: { kind: 'version', version: '0.0.1' }, selector: { labels: 'team=x' } });
    expect(body.waves[0].targets[0].refusal).toMatchObject({ code: 'UNKNOWN_VERSION' });
  });
});

describe('a rollout that is wrong', () => {
  it.each([
    ['nobody to change', { change: GREETING, selector: { labels: 'team=none' } }, '/selector'],
    ['waves that leave somebody out', { change: GREETING, waves: [{ name: 'one', size: { count: 1 } }] }, '/waves'],
    ['an unknown setting', { change: { ...GREETING, set: [{ key: 'no.such.setting', value: 1 }] } }, '/change'],
    ['an unknown version', { change: { kind: 'version', version: '0.0.1' } }, '/change/version'],
    ['a change of nothing', { change: { kind: 'overrides', set: [], unset: [] } }, '/change'],
    ['a check at an address of the platform', { change: GREETING, waves: [wave({ checks: [{ kind: 'http', url: 'http://169.254.169.254/' }] })] }, ''],
  ])('with %s is refused with the place, and leaves nothing', async (_what, body, place) => {
    const { status, body: problem } = await call('POST /rollouts', { name: 'wrong', ...body });
    expect(status).toBe(422);
    expect(problem.errors[0].path).toContain(place);
    expect((await call('GET /rollouts')).body.items).toEqual([]);
  });
});

function wave(gate: object) {
  return { name: 'all', size: { percent: 100 }, gate };
}

describe('a rollout', () => {
  it('keeps its targets, and a second one that changes the same of one of them is refused with its name', async () => {
    const made = await call('POST /rollouts', { name: 'debug-everywhere', change: GREETING, selector: { labels: 'team=x' } });
    expect(made.body).toMatchObject({ phase: 'Progressing', targets: 2, waveCount: 2, counts: { pending: 2 } });
    const refused = await call('POST /rollouts', { name: 'again', change: GREETING });
    expect(refused.body).toMatchObject({ status: 409, code: 'ROLLOUT_CONFLICT', detail: expect.stringContaining('debug-everywhere') });
    const other = await call('POST /rollouts', { name: 'restart', change: { kind: 'restart' } });
    expect(other.status).toBe(201);
    const targets = (await call(`GET /rollouts/${made.body.id}/targets?limit=1`)).body;
    expect(targets.items).toMatchObject([{ name: 'a', wave: 0, state: 'pending' }]);
    expect((await call(`GET /rollouts/${made.body.id}/targets?cursor=${targets.nextCursor}`)).body.items).toMatchObject([{ name: 'b', wave: 1 }]);
    await endRollouts();
  });

  it('changes an instance once for a batch, and brings back exactly what was there', async () => {
    const { body: rollout } = await call('POST /rollouts', { name: 'there-and-back', change: GREETING, selector: { ids: [ids[2]] } });
    const before = (await call(`GET /instances/${ids[2]}`)).body;
    const first = await changeTarget(rollout.id, ids[2]!, 'batch-1');
    expect(first.body).toMatchObject({ kind: 'accepted' });
    expect((await changeTarget(rollout.id, ids[2]!, 'batch-1')).body).toEqual(first.body);
    const changed = (await call(`GET /instances/${ids[2]}`)).body;
    expect(changed).toMatchObject({ generation: before.generation + 1, spec: { config: { overrides: [{ key: 'logging.level', value: 'debug' }] } } });
    expect((await changeTarget(rollout.id, ids[2]!, 'batch-2')).body).toEqual({ kind: 'busy' });
    await endOperations();
    expect((await changeTarget(rollout.id, ids[2]!, 'batch-3', 'back')).body).toMatchObject({ kind: 'accepted' });
    expect((await call(`GET /instances/${ids[2]}`)).body.spec).toEqual(before.spec);
    expect((await call(`GET /rollouts/${rollout.id}/targets`)).body.items).toMatchObject([
      { state: 'rolling-back', attempt: 2, configHashBefore: 'sha256:before' },
    ]);
    const operations = (await call(`GET /operations?instanceId=${ids[2]}&requestId=${rollout.id}`)).body.items;
    expect(operations).toHaveLength(2);
    await endRollouts();
  });

  it('passes over an instance that is gone, and fails one that cannot be changed now', async () => {
    const { body: rollout } = await call('POST /rollouts', { name: 'later', change: GREETING, selector: { ids: [ids[3], ids[1]] } });
    await world.rows('UPDATE instance SET destroyed_at = now() WHERE id = $1', [ids[3]]);
    expect((await changeTarget(rollout.id, ids[3]!, 'batch-1')).body).toEqual({ kind: 'settled', state: 'skipped' });
    await world.rows("UPDATE instance SET intent_phase = 'Destroying' WHERE id = $1", [ids[1]]);
    expect((await changeTarget(rollout.id, ids[1]!, 'batch-1')).body).toEqual({ kind: 'settled', state: 'failed' });
    const failed = (await call(`GET /rollouts/${rollout.id}/targets?state=failed`)).body.items;
    expect(failed).toMatchObject([{ instanceId: ids[1], error: { code: 'ILLEGAL_TRANSITION' } }]);
    await endRollouts();
  });

  it('lets only the worker change instances', async () => {
    const refused = await world.call('POST /internal/rollout-targets', {}, { key: tenant.key, base: '' });
    expect(refused.status).toBe(401);
  });
});

describe('agreement', () => {
  it('is for somebody else with the right role, once each', async () => {
    const approver = await addStranger(world, 'approver', ['read', 'write'], tenant.tenantId);
    const viewer = await addStranger(world, 'viewer', ['read', 'write'], tenant.tenantId);
    const admin = await addStranger(world, 'admin', ['read', 'write'], tenant.tenantId);
    const rule = { count: 2, roles: ['approver'] };
    const { body: rollout } = await call('POST /rollouts', { name: 'careful', change: GREETING, selector: { ids: [ids[0]] }, approvalBeforeStart: rule });
    await awaitApproval(rollout.id);
    const decide = (key: string, deed = 'approve') => call(`POST /rollouts/${rollout.id}/${deed}`, { comment: 'looks good' }, key);
    expect((await decide(tenant.key)).body).toMatchObject({ status: 403, code: 'APPROVER_IS_AUTHOR' });
    expect((await decide(viewer.key)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await decide(admin.key)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await call('GET /rollouts?mine=true', undefined, approver.key)).body.items).toMatchObject([{ id: rollout.id }]);
    expect((await decide(approver.key)).body).toMatchObject({ approvals: [{ subject: 'start', decision: 'approve', comment: 'looks good' }] });
    expect((await decide(approver.key)).body).toMatchObject({ status: 409, code: 'ILLEGAL_TRANSITION' });
    const ordered = await world.rows("SELECT payload->>'subject' AS subject FROM outbox WHERE key = $1 AND payload->>'control' = 'approve'", [rollout.id]);
    expect(ordered).toEqual([{ subject: 'start' }]);
    expect((await call('GET /rollouts?mine=true', undefined, approver.key)).body.items).toEqual([]);
    expect((await decide(approver.key, 'pause')).body).toMatchObject({ status: 403 });
    const audit = await world.rows<{ action: string }>("SELECT action FROM audit_event WHERE target = $1 AND result = 'done' ORDER BY seq", [rollout.id]);
    expect(audit.map(({ action }) => action)).toEqual(['rollout.create', 'rollout.approve']);
    await endRollouts();
  });
});
