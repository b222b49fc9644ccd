import { createEcho, registerEcho } from '../deploy/local/faults/echo-claw.ts';
import { type Fleet, ok } from '../deploy/local/testing/fleet.ts';
import type { components } from '../frontend/src/api/schema.d.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';
import { spreadRows } from './lib/statistics.ts';
import { waitFor } from './lib/wait.ts';

type Rollout = components['schemas']['Rollout'];
type NewRollout = components['schemas']['CreateRollout'];

const STOP_TARGET_MS = 10_000;
const BACK_TARGET_MS = 60_000;
const SECONDS = 600;
/** The shortest watch, because what is measured is the work and not the wait that somebody chose. */
const BAKE_SECONDS = 1;
const WAVES: NewRollout['waves'] = [
  { name: 'canary', size: { count: 1 }, maxParallel: 1, gate: { bakeSeconds: BAKE_SECONDS, checks: [{ kind: 'ready' }] } },
  { name: 'some', size: { percent: 25 }, maxParallel: 10, gate: { bakeSeconds: BAKE_SECONDS, checks: [{ kind: 'ready' }] } },
  { name: 'all', size: { percent: 100 }, maxParallel: 10, gate: null },
];

/** How long a change takes to reach a fleet, to be brought back, and to stop at a canary that breaks; and how that grows. */
export const rolloutBench: Bench = {
  name: 'rollout',
  what: 'a change that reaches light claws in three waves, comes back, and one whose canary breaks',
  options: [
    { name: 'few', byDefault: 10, what: 'light claws of the first round' },
    { name: 'many', byDefault: 40, what: 'light claws of the second round' },
  ],
  limitMinutes: 20,
  run: (context) =>
    withFleet(
      context,
      async (fleet) => {
        await registerEcho(fleet);
        const [few, many] = [context.option('few'), context.option('many')];
        await grow(fleet, context, 0, few);
        const first = await round(fleet, context, few);
        await grow(fleet, context, few, many);
        const second = await round(fleet, context, many);
        context.measured(
          row(`to reach ${many} takes so many times what ${few} take`, second.reached / first.reached, 'x'),
          row(`to bring ${many} back takes so many times what ${few} take`, second.back / first.back, 'x'),
        );
      },
      { models: false },
    ),
};

async function grow(fleet: Fleet, { say, signal }: BenchContext, from: number, to: number): Promise<void> {
  say(`${to} light claws ...`);
  const made = await Promise.all(Array.from({ length: to - from }, (_, index) => createEcho(fleet, `claw-${from + index}`)));
  const ids = made.map(({ instance }) => instance.id);
  await waitFor('all claws run', { everyMs: 200, seconds: SECONDS, signal }, async () => {
    const { rows } = await fleet.database.query<{ n: number }>("SELECT count(*)::integer AS n FROM instance WHERE id = ANY ($1) AND phase = 'Running'", [ids]);
    return rows[0]?.n === ids.length ? true : null;
  });
}

async function round(fleet: Fleet, context: BenchContext, count: number): Promise<{ readonly reached: number; readonly back: number }> {
  const began = Date.now();
  const { id } = await begin(fleet, `reaches-${count}`, { greeting: `to ${count}: ` }, 'pause');
  const reached = (await inPhase(fleet, context, id, 'Succeeded')) - began;
  const each = await durations(fleet, id, began);
  const turned = Date.now();
  ok(await fleet.api.POST('/rollouts/{id}/rollback', { params: { path: { id } }, body: { comment: 'measured' } }));
  const back = (await inPhase(fleet, context, id, 'RolledBack')) - turned;
  const eachBack = await durations(fleet, id, turned);
  const differing = await fleet.database.query('SELECT 1 FROM rollout_target WHERE rollout_id = $1 AND config_hash_before IS DISTINCT FROM config_hash_after', [
    id,
  ]);
  context.measured(
    row(`${count} claws: from the wish to all of them changed`, reached, 'ms'),
    ...spreadRows(`${count} claws: one of them, from being asked for to verified`, each, 'ms', { p50: null, p95: null }),
    row(`${count} claws: brought back`, back, 'ms'),
    ...spreadRows(`${count} claws: one of them, brought back and verified`, eachBack, 'ms', { p50: null, p95: BACK_TARGET_MS }),
    row(`${count} claws: not byte for byte what they were`, differing.rowCount ?? 0, '', 0),
  );
  await stopAtCanary(fleet, context, count);
  return { reached, back };
}

/** A change with which the claw ends as soon as it starts. */
async function stopAtCanary(fleet: Fleet, context: BenchContext, count: number): Promise<void> {
  const { id } = await begin(fleet, `breaks-${count}`, { crashAfterMs: 0 }, 'rollback');
  const ended = await inPhase(fleet, context, id, 'RolledBack');
  const { rows } = await fleet.database.query<{ failed: Date; stopped: Date; touched: number }>(
    `SELECT (SELECT min(o.finished_at) FROM operation o WHERE o.request_id = $1 AND o.state = 'failed') AS failed,
       (SELECT min(e.first_at) FROM fleet_event e WHERE e.subject_id = $1 AND e.type = 'rollout.rolling-back') AS stopped,
       (SELECT count(*)::integer FROM rollout_target t WHERE t.rollout_id = $1 AND t.started_at IS NOT NULL) AS touched`,
    [id],
  );
  const [times] = rows;
  if (!times) throw new Error('the rollout is gone');
  context.measured(
    row(`${count} claws, the canary breaks: from its failure to the stop`, times.stopped.getTime() - times.failed.getTime(), 'ms', STOP_TARGET_MS),
    row(`${count} claws, the canary breaks: from the stop to what it was before`, ended - times.stopped.getTime(), 'ms', BACK_TARGET_MS),
    row(`${count} claws, the canary breaks: others that were touched`, times.touched - 1, '', 0),
  );
}

async function begin(fleet: Fleet, name: string, settings: Readonly<Record<string, unknown>>, action: 'pause' | 'rollback'): Promise<Rollout> {
  const set = Object.entries(settings).map(([key, value]) => ({ key, value }));
  const body = { name, change: { kind: 'overrides', set }, selector: { type: 'echo' }, waves: WAVES, failureBudget: { size: { count: 0 }, action } };
  return ok(await fleet.api.POST('/rollouts', { body: body as NewRollout })) as Rollout;
}

/** When it came there, by the clock of the record. Rejects when it ends otherwise. */
function inPhase(fleet: Fleet, { signal }: BenchContext, id: string, wanted: Rollout['phase']): Promise<number> {
  return waitFor(`the rollout is ${wanted}`, { everyMs: 100, seconds: SECONDS, signal }, async () => {
    const { rows } = await fleet.database.query<{ phase: string; message: string | null; at: Date }>(
      'SELECT phase, message, updated_at AS at FROM rollout WHERE id = $1',
      [id],
    );
    const [found] = rows;
    if (found?.phase === wanted) return found.at.getTime();
    if (found?.phase === 'Failed' || found?.phase === 'Paused') throw new Error(`the rollout is ${found.phase}: ${found.message}`);
    return null;
  });
}

/** Of the operations that the rollout asked for since then; the database has the clock of this machine. */
async function durations(fleet: Fleet, id: string, since: number): Promise<number[]> {
  const { rows } = await fleet.database.query<{ ms: number }>(
    'SELECT 1000 * extract(epoch FROM finished_at - created_at)::float8 AS ms FROM operation WHERE request_id = $1 AND created_at >= $2 AND finished_at IS NOT NULL',
    [id, new Date(since)],
  );
  return rows.map(({ ms }) => ms);
}
