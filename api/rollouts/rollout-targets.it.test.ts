import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailbox } from '../../activities/platform/mailbox.ts';
import { recordRollout } from '../../activities/rollout/record-rollout.ts';
import { nextBatch, settleTarget } from '../../activities/rollout/targets.ts';
import { createNotifier } from '../../prisma/notifier.ts';
import type { Direction, RolloutPhase } from '../../workflows/contracts/rollout.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';
import { newRollout } from '../../workflows/rollout/state.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let tenant: Stranger;
let operator: Stranger;
let made = 0;

const small = { cpu: '10m', memory: '16Mi', storage: '1Gi' };
const GREETING = { kind: 'overrides', set: [{ key: 'logging.level', value: 'debug' }], unset: [] };
const ONE_WAVE = [{ name: 'all', size: { percent: 100 }, gate: null }];

beforeAll(async () => {
  world = await openApiWorld();
  await setUp(world);
  await hostOnline(world, { isolation: 'uid' });
});

afterAll(() => world.close());

beforeEach(async () => {
  tenant = await addStranger(world);
  operator = await addStranger(world, 'operator', ['read', 'write'], tenant.tenantId);
});

const call = (request: string, body?: unknown, key = tenant.key) => world.call(request, body, { key });
const inTenant: typeof world.deps.database.withTenantSql = (id, work) => world.deps.database.withTenantSql(id, work);

/** A claw that runs. No worker does: what it would have written is written here. */
async function claw(config: object = {}): Promise<string> {
  made += 1;
  const { status, body } = await call('POST /instances', { name: `claw-${made}`, projectId: tenant.projectId, resources: small, config });
  expect(status, JSON.stringify(body)).toBe(202);
  await world.rows("UPDATE instance SET intent_phase = 'Running', observed_ready = true, config_hash = 'sha256:before' WHERE id = $1", [body.instance.id]);
  await endOperations();
  return body.instance.id;
}

async function endOperations(state = 'succeeded'): Promise<void> {
  await world.rows('UPDATE operation SET state = $2, finished_at = now() WHERE finished_at IS NULL AND tenant_id = $1', [tenant.tenantId, state]);
}

async function rollout(ids: readonly string[], change: object = GREETING, key = tenant.key): Promise<string> {
  made += 1;
  const { status, body } = await call('POST /rollouts', { name: `rollout-${made}`, change, selector: { ids }, waves: ONE_WAVE }, key);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

async function changeTarget(rolloutId: string, instanceId: string, batchId: string, direction: Direction = 'forward') {
  const target = { tenantId: tenant.tenantId, rolloutId, instanceId, batchId, direction };
  return (await world.call('POST /internal/rollout-targets', target, { key: world.deps.config.SERVICE_TOKEN, base: '' })).body;
}

/** A change, or the way back, from the wish to its end. */
async function carry(rolloutId: string, instanceId: string, batchId: string, direction: Direction, ends = 'succeeded') {
  const { operationId } = await changeTarget(rolloutId, instanceId, batchId, direction);
  await endOperations(ends);
  const end = { tenantId: tenant.tenantId, rolloutId, instanceId, batchId, direction, operationId, waited: false };
  return (await inTenant(tenant.tenantId, (sql) => settleTarget(sql, end))).state;
}

/** What the workflow writes. */
async function record(rolloutId: string, phase: RolloutPhase, over: Partial<RolloutState> = {}): Promise<void> {
  const { secrets, auditSeal } = world.deps;
  const deps = { notifier: createNotifier({ mailbox: createMailbox(secrets, false), publicUrl: 'https://claws.example.com' }), auditSeal };
  const state: RolloutState = { ...newRollout(), phase, wave: 0, stage: 'apply', touched: true, ...over };
  await inTenant(tenant.tenantId, (sql) => recordRollout(sql, deps, { tenantId: tenant.tenantId, rolloutId, state, verdict: null }));
}

const specOf = async (id: string) => (await call(`GET /instances/${id}`)).body.spec;
const targetsOf = async (id: string) => (await call(`GET /rollouts/${id}/targets`)).body.items;

describe('a rollback', () => {
  it('takes what failed and waits to be tried again, and not what was never touched', async () => {
    const [touched, untouched] = [await claw(), await claw()];
    const before = await specOf(touched);
    const id = await rollout([touched, untouched]);
    expect(await carry(id, touched, 'batch-1', 'forward', 'failed')).toBe('failed');
    await record(id, 'Paused', { reason: 'BUDGET_SPENT' });
    expect((await call(`POST /rollouts/${id}/retry`, {})).status).toBe(202);
    const back = () => inTenant(tenant.tenantId, (sql) => nextBatch(sql, { tenantId: tenant.tenantId, rolloutId: id, direction: 'back', wave: 0 }));
    expect((await back()).targets).toEqual([touched]);
    expect(await carry(id, touched, 'batch-2', 'back')).toBe('rolled-back');
    expect(await specOf(touched)).toEqual(before);
    expect((await back()).targets).toEqual([]);
  });

  it('leaves what somebody changed meanwhile, and is done when its operation is', async () => {
    const one = await claw({ overrides: [{ key: 'logging.level', value: 'warn' }] });
    const id = await rollout([one]);
    expect(await carry(id, one, 'batch-1', 'forward')).toBe('applied');
    const overrides = [
      { key: 'logging.level', value: 'debug' },
      { key: 'agent.name', value: 'Sales' },
    ];
    expect((await world.call(`PUT /instances/${one}`, { config: { overrides } }, { key: tenant.key, headers: { 'if-match': '*' } })).status).toBe(202);
    await endOperations();
    await world.rows("UPDATE instance SET config_hash = 'sha256:with-the-name' WHERE id = $1", [one]);
    expect(await carry(id, one, 'batch-2', 'back')).toBe('rolled-back');
    expect((await specOf(one)).config.overrides).toEqual([
      { key: 'logging.level', value: 'warn' },
      { key: 'agent.name', value: 'Sales' },
    ]);
    expect(await targetsOf(id)).toMatchObject([{ configHashBefore: 'sha256:before', configHashAfter: 'sha256:with-the-name' }]);
  });

  it('whose operation fails leaves its claw stuck', async () => {
    const one = await claw();
    const id = await rollout([one]);
    await carry(id, one, 'batch-1', 'forward');
    expect(await carry(id, one, 'batch-2', 'back', 'failed')).toBe('stuck');
  });
});

describe('a rollout that goes on', () => {
  it('changes nothing in a tenant that is suspended, in neither direction', async () => {
    const [first, second] = [await claw(), await claw()];
    const id = await rollout([first, second]);
    await carry(id, first, 'batch-1', 'forward');
    const changed = await specOf(first);
    await world.rows("UPDATE tenant SET state = 'suspended' WHERE id = $1", [tenant.tenantId]);
    expect(await changeTarget(id, second, 'batch-2')).toEqual({ kind: 'settled', state: 'failed' });
    expect(await changeTarget(id, first, 'batch-3', 'back')).toEqual({ kind: 'settled', state: 'stuck' });
    expect(await targetsOf(id)).toMatchObject([
      { state: 'stuck', error: { code: 'TENANT_SUSPENDED' } },
      { state: 'failed', error: { code: 'TENANT_SUSPENDED' } },
    ]);
    expect(await specOf(first)).toEqual(changed);
  });

  it.each([
    ['is suspended', 'UPDATE membership SET suspended_at = now() WHERE user_id = $1'],
    ['was removed', 'DELETE FROM membership WHERE user_id = $1'],
    ['may only look', "UPDATE membership SET role = 'viewer' WHERE user_id = $1"],
    ['is disabled', 'UPDATE auth."user" SET disabled_at = now() WHERE id = $1'],
  ])('changes nothing more when its author %s, and is brought back all the same', async (_what, loses) => {
    const [first, second] = [await claw(), await claw()];
    const id = await rollout([first, second], GREETING, operator.key);
    await carry(id, first, 'batch-1', 'forward');
    const [author] = await world.rows<{ id: string }>('SELECT created_by AS id FROM rollout WHERE id = $1', [id]);
    await world.rows(loses, [author?.id]);
    expect(await changeTarget(id, second, 'batch-2')).toEqual({ kind: 'settled', state: 'failed' });
    expect((await targetsOf(id))[1]).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await carry(id, first, 'batch-3', 'back')).toBe('rolled-back');
  });

  it('restarts nothing that a rule does not let run', async () => {
    const one = await claw();
    const id = await rollout([one], { kind: 'restart' });
    const rules = { models: ['acme/*'] };
    await world.rows('INSERT INTO claw_policy (tenant_id, scope_kind, scope_id, rules, last_updated_by) VALUES ($1, $2, $1, $3, $1)', [
      tenant.tenantId,
      'tenant',
      JSON.stringify(rules),
    ]);
    expect(await changeTarget(id, one, 'batch-1')).toEqual({ kind: 'settled', state: 'failed' });
    expect(await targetsOf(id)).toMatchObject([{ error: { code: 'POLICY_VIOLATED' } }]);
    const { body } = await call('POST /rollouts/preview', { change: { kind: 'restart' }, selector: { ids: [one] } });
    expect(body.waves[0].targets[0].refusal).toMatchObject({ code: 'POLICY_VIOLATED' });
  });
});

describe('a rollout of a config', () => {
  /** A config of a level with two published versions; answers its id. */
  async function twoVersions(rest: object = {}): Promise<string> {
    made += 1;
    const { body } = await call('POST /configs', { name: `config-${made}`, document: { settings: { logging: { level: 'warn' } } }, ...rest });
    await call(`POST /configs/${body.id}/versions/1/publish`, { current: true });
    await call(`POST /configs/${body.id}/versions`, { document: { settings: { logging: { level: 'info' } } } });
    return body.id;
  }

  const publishSecond = (config: string, current: boolean) => call(`POST /configs/${config}/versions/2/publish`, { current });
  const currentOf = async (config: string) => (await call(`GET /configs/${config}`)).body.current;
  const baselines = (config: string) =>
    world.rows("SELECT before, after, actor FROM audit_event WHERE target = $1 AND action = 'config.baseline' ORDER BY seq", [config]);

  it('moves what new claws start on once a claw runs on it, back with it, and enters both into the audit', async () => {
    const config = await twoVersions();
    const one = await claw({ layers: [{ config }] });
    await publishSecond(config, false);
    const id = await rollout([one], { kind: 'config', config, version: 2 });
    await carry(id, one, 'batch-1', 'forward');
    await record(id, 'Succeeded');
    expect(await currentOf(config)).toBe(2);
    await record(id, 'RollingBack');
    await carry(id, one, 'batch-2', 'back');
    await record(id, 'RolledBack');
    expect(await currentOf(config)).toBe(1);
    expect(await baselines(config)).toEqual([
      { actor: 'platform', before: { current: 1 }, after: { current: 2, rollout: id } },
      { actor: 'platform', before: { current: 2 }, after: { current: 1, rollout: id } },
    ]);
  });

  it('that no claw runs on has proven nothing', async () => {
    const config = await twoVersions();
    const one = await claw({ layers: [{ config }] });
    await publishSecond(config, false);
    const id = await rollout([one], { kind: 'config', config, version: 2 });
    await carry(id, one, 'batch-1', 'forward', 'failed');
    await record(id, 'Succeeded');
    expect([await currentOf(config), await baselines(config)]).toEqual([1, []]);
  });

  it('goes back to an older version of what holds for everybody only by those who decide about that', async () => {
    const config = await twoVersions({ level: 'tenant' });
    const template = await twoVersions();
    await publishSecond(config, true);
    await publishSecond(template, true);
    const one = await claw({ layers: [{ config: template, version: 2 }] });
    const preview = async (of: string, key: string) =>
      (await call('POST /rollouts/preview', { change: { kind: 'config', config: of, version: 1 }, selector: { ids: [one] } }, key)).status;
    expect([await preview(config, operator.key), await preview(config, tenant.key), await preview(template, operator.key)]).toEqual([403, 200, 200]);
    const wanted = { name: 'older', change: { kind: 'config', config, version: 1 }, selector: { ids: [one] }, waves: ONE_WAVE };
    expect((await call('POST /rollouts', wanted, operator.key)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });
});
