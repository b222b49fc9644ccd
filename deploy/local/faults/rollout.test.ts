import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { components } from '../../../frontend/src/api/schema.d.ts';
import { eventually, type Fleet, instanceInPhase, ok, readInstance, startFleet } from '../testing/fleet.ts';
import { registerEcho, runningEcho } from './echo-claw.ts';

type Rollout = components['schemas']['Rollout'];
type NewRollout = components['schemas']['CreateRollout'];

const CLAWS = ['a', 'b', 'c', 'd', 'e'];
const WAVES: NewRollout['waves'] = [
  { name: 'canary', size: { count: 1 }, maxParallel: 1, gate: { bakeSeconds: 2, checks: [{ kind: 'ready' }, { kind: 'restarts', max: 0 }] } },
  { name: 'rest', size: { percent: 100 }, maxParallel: 2, gate: null },
];

const watchedFor = (bakeSeconds: number): NewRollout['waves'] => WAVES.map((wave) => ({ ...wave, gate: wave.gate && { ...wave.gate, bakeSeconds } }));
/** Somebody decides before its gate does. */
const PATIENT = watchedFor(3600);

describe('a rollout', () => {
  let fleet: Fleet;
  const ids: string[] = [];
  beforeAll(async () => {
    fleet = await startFleet({ models: false });
    await registerEcho(fleet);
    ids.push(...(await Promise.all(CLAWS.map((name) => runningEcho(fleet, name)))).map(({ id }) => id));
  });
  afterAll(() => fleet?.close());

  async function begin(name: string, settings: Readonly<Record<string, unknown>>, more: Partial<NewRollout> = {}): Promise<Rollout> {
    const set = Object.entries(settings).map(([key, value]) => ({ key, value }));
    const body = { name, change: { kind: 'overrides', set }, selector: { type: 'echo' }, waves: WAVES, ...more } as NewRollout;
    return ok(await fleet.api.POST('/rollouts', { body })) as Rollout;
  }

  const read = async (id: string) => ok(await fleet.api.GET('/rollouts/{id}', { params: { path: { id } } }));
  const targets = async (id: string) => ok(await fleet.api.GET('/rollouts/{id}/targets', { params: { path: { id } } })).items;

  function reaches(id: string, what: string, is: (rollout: Rollout) => boolean): Promise<Rollout> {
    return eventually(`the rollout is ${what}`, 180, async () => {
      const rollout = await read(id);
      if (!is(rollout)) throw new Error(`it is ${rollout.phase}, wave ${rollout.wave}, ${rollout.stage}: ${rollout.message} ${JSON.stringify(rollout.counts)}`);
      return rollout;
    });
  }

  const inPhase = (id: string, phase: Rollout['phase']) => reaches(id, phase, (rollout) => rollout.phase === phase);

  /** Operations of this rollout by instance. */
  async function operationsOf(id: string): Promise<Record<string, number>> {
    const { rows } = await fleet.database.query<{ instance_id: string; n: number }>(
      'SELECT instance_id, count(*)::integer AS n FROM operation WHERE request_id = $1 GROUP BY 1',
      [id],
    );
    return Object.fromEntries(rows.map((row) => [row.instance_id, row.n]));
  }

  /** Nothing that a rollout began goes on for ever. */
  function atRest(): Promise<true> {
    return eventually('every operation has ended', 120, async () => {
      const { rowCount } = await fleet.database.query('SELECT 1 FROM operation WHERE finished_at IS NULL');
      return rowCount === 0;
    });
  }

  test('whose worker is killed at every stage changes each claw once and skips no wave and no gate', async () => {
    const before = await Promise.all(ids.map((id) => readInstance(fleet, id)));
    const worker = fleet.platform.part('worker');
    const { id } = await begin('killed-on-the-way', { greeting: 'changed: ' });
    await worker.kill('SIGKILL');
    await reaches(id, 'with its canary', ({ counts }) => (counts.pending ?? 0) < CLAWS.length);
    await worker.kill('SIGKILL');
    await reaches(id, 'waiting for its gate', ({ stage, wave }) => stage === 'bake' || stage === 'gate' || wave > 0);
    await worker.kill('SIGKILL');
    await reaches(id, 'in its second wave', ({ wave, counts }) => wave === 1 && (counts.pending ?? 0) < CLAWS.length - 1);
    await worker.kill('SIGKILL');
    const rollout = await inPhase(id, 'Succeeded');
    expect(rollout.counts).toEqual({ applied: CLAWS.length });
    expect(rollout.verdicts).toMatchObject([{ wave: 0, decision: 'proceed' }]);
    expect(rollout.waves.map(({ targets: size, finishedAt }) => [size, finishedAt !== null])).toEqual([
      [1, true],
      [CLAWS.length - 1, true],
    ]);
    expect(await operationsOf(id)).toEqual(Object.fromEntries(ids.map((one) => [one, 1])));
    for (const { id: one, generation } of before) {
      const after = await instanceInPhase(fleet, one, 'Running');
      expect(after).toMatchObject({ generation: generation + 1, status: { phase: 'Running', restarts: 0 } });
      expect(after.spec.config.overrides).toEqual([{ key: 'greeting', value: 'changed: ' }]);
    }
    await atRest();
  });

  test('whose canary breaks stops, touches nothing else, and brings back byte for byte what was there', async () => {
    const before = await Promise.all(ids.map((id) => readInstance(fleet, id)));
    const { id } = await begin('breaks', { crashAfterMs: 0 }, { waves: watchedFor(30), failureBudget: { size: { count: 0 }, action: 'rollback' } });
    const rollout = await inPhase(id, 'RolledBack');
    expect(rollout.wave).toBe(0);
    expect(rollout.counts).toEqual({ 'rolled-back': 1, pending: CLAWS.length - 1 });
    const [canary, ...others] = await targets(id);
    expect(canary?.configHashAfter).toBe(canary?.configHashBefore);
    expect(others.map(({ state, operationId }) => [state, operationId])).toEqual(others.map(() => ['pending', null]));
    for (const was of before) {
      const is = await eventually(`${was.name} runs again`, 120, async () => {
        const seen = await readInstance(fleet, was.id);
        return seen.status.phase === 'Running' ? seen : null;
      });
      expect(is.spec).toEqual(was.spec);
      expect(is.status.revision).toEqual(was.status.revision);
      if (was.id !== canary?.instanceId) expect(is.generation).toBe(was.generation);
    }
    await atRest();
  });

  test('that succeeded is rolled back on demand, while a paused one waits and an aborted one stays where it is', async () => {
    const { id } = await begin('there-and-back', { greeting: 'new: ' }, { waves: PATIENT });
    ok(await fleet.api.POST('/rollouts/{id}/pause', { params: { path: { id } }, body: {} }));
    await inPhase(id, 'Paused');
    await fleet.platform.part('worker').kill('SIGKILL');
    ok(await fleet.api.POST('/rollouts/{id}/resume', { params: { path: { id } }, body: {} }));
    await reaches(id, 'waiting for its gate', ({ phase, stage }) => phase === 'Progressing' && stage === 'bake');
    ok(await fleet.api.POST('/rollouts/{id}/promote', { params: { path: { id } }, body: {} }));
    await inPhase(id, 'Succeeded');
    ok(await fleet.api.POST('/rollouts/{id}/rollback', { params: { path: { id } }, body: { comment: 'not what we wanted' } }));
    const { counts } = await inPhase(id, 'RolledBack');
    expect(counts).toEqual({ 'rolled-back': CLAWS.length });
    for (const { configHashBefore, configHashAfter } of await targets(id)) expect(configHashAfter).toBe(configHashBefore);
    const aborted = await begin('aborted', { greeting: 'never: ' }, { waves: PATIENT });
    ok(await fleet.api.POST('/rollouts/{id}/abort', { params: { path: { id: aborted.id } }, body: {} }));
    expect((await inPhase(aborted.id, 'Aborted')).counts.applied ?? 0).toBeLessThan(CLAWS.length);
    await atRest();
  });
});
