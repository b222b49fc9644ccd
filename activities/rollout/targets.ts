import type pg from 'pg';
import { FAILURES, Failure, type FailureCode, type FailureView } from '../../workflows/contracts/failures.ts';
import type { OperationState } from '../../workflows/contracts/operation.ts';
import { BATCH_TARGETS, type Direction, type RolloutPlan, type RolloutRef, type TargetRef, type TargetState } from '../../workflows/contracts/rollout.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';
import type { Batch, LoadedRollout } from './contract.ts';

/** See {@link RolloutActivities.loadRollout}. */
export async function loadRollout(sql: pg.ClientBase, { rolloutId }: RolloutRef): Promise<LoadedRollout> {
  const { rows } = await sql.query<{ plan: RolloutPlan; total: number; state: RolloutState | null }>(
    'SELECT plan, targets AS total, state FROM rollout WHERE id = $1',
    [rolloutId],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such rollout.');
  return rows[0];
}

/** Those that a batch takes up: what an earlier one had begun and not seen the end of is looked at again. Back also what waits to be tried again. */
const TAKEN: Readonly<Record<Direction, readonly TargetState[]>> = {
  forward: ['pending', 'applying'],
  back: ['applying', 'applied', 'deferred', 'failed', 'rolling-back'],
};

/** See {@link RolloutActivities.nextBatch}. */
export async function nextBatch(
  sql: pg.ClientBase,
  { rolloutId, direction, wave }: RolloutRef & { readonly direction: Direction; readonly wave: number },
): Promise<Batch> {
  const { rows } = await sql.query<{ wave: number | null; targets: readonly string[]; failed: number; stuck: number }>(
    `WITH taken AS (SELECT instance_id, wave, position FROM rollout_target WHERE rollout_id = $1 AND ($3 OR wave = $4)
         AND (state = ANY($2) OR $3 AND state = 'pending' AND spec_before IS NOT NULL)),
       here AS (SELECT instance_id, wave, position FROM taken WHERE wave = (SELECT max(wave) FROM taken) ORDER BY position LIMIT $5)
     SELECT (SELECT max(wave) FROM here) AS wave, ARRAY(SELECT instance_id FROM here ORDER BY position) AS targets,
       (SELECT count(*)::integer FROM rollout_target WHERE rollout_id = $1 AND state = 'failed') AS failed,
       (SELECT count(*)::integer FROM rollout_target WHERE rollout_id = $1 AND state = 'stuck') AS stuck`,
    [rolloutId, TAKEN[direction], direction === 'back', wave, BATCH_TARGETS],
  );
  const [found] = rows;
  return { wave: found?.wave ?? wave, targets: found?.targets ?? [], failed: found?.failed ?? 0, stuck: found?.stuck ?? 0 };
}

interface Situation {
  readonly state: TargetState;
  readonly runs: boolean;
  readonly hash: string | null;
  readonly restarts: number;
  readonly operation: OperationState | null;
  readonly error: FailureView | null;
}

/** See {@link RolloutActivities.settleTarget}. */
export async function settleTarget(
  sql: pg.ClientBase,
  { rolloutId, instanceId, batchId, direction, operationId, waited }: TargetRef & { readonly operationId: string | null; readonly waited: boolean },
): Promise<{ readonly state: TargetState }> {
  const { rows } = await sql.query<Situation>(
    `SELECT t.state, t.runs, i.config_hash AS hash, i.observed_restarts AS restarts, o.state AS operation, o.error
     FROM rollout_target t JOIN instance i ON i.id = t.instance_id LEFT JOIN operation o ON o.id = $3
     WHERE t.rollout_id = $1 AND t.instance_id = $2 FOR UPDATE OF t`,
    [rolloutId, instanceId, operationId],
  );
  const [found] = rows;
  if (!found) return { state: 'skipped' };
  const end = endOf(found, direction, waited);
  if (!end) return { state: found.state };
  await sql.query(
    `UPDATE rollout_target SET state = $3, error = $4, config_hash_after = $5, restarts = $6, batch_id = $7, finished_at = now()
     WHERE rollout_id = $1 AND instance_id = $2`,
    [rolloutId, instanceId, end.state, end.error && JSON.stringify(end.error), found.hash, found.restarts, batchId],
  );
  return { state: end.state };
}

/**
 * How a target ended; null while its operation has not and nobody has waited in vain. An operation that succeeded has seen that the claw runs what
 * it should. Whether that is byte for byte what it was is for people: other things may have changed it rightly meanwhile.
 */
function endOf({ operation, error, runs }: Situation, direction: Direction, waited: boolean): { state: TargetState; error: FailureView | null } | null {
  const bad = direction === 'back' ? 'stuck' : 'failed';
  if (operation === 'succeeded') return { state: direction === 'back' ? 'rolled-back' : runs ? 'applied' : 'deferred', error: null };
  if (operation === 'failed' || operation === 'cancelled') return { state: bad, error: error ?? view('INTERNAL') };
  return waited ? { state: bad, error: view(operation === null ? 'OPERATION_IN_PROGRESS' : 'TIMEOUT') } : null;
}

function view(code: FailureCode): FailureView {
  return { code, message: FAILURES[code].title, nextStep: FAILURES[code].nextStep };
}
