import type pg from 'pg';
import { appendAudit } from '../../prisma/audit-chain.ts';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import { insertEvent } from '../../prisma/outbox-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { ENDED_PHASES, type RolloutChange, type RolloutPhase, type RolloutPlan } from '../../workflows/contracts/rollout.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';
import type { RolloutDeps } from './activities.ts';
import type { RolloutRecord } from './contract.ts';
import { noticeOf } from './rollout-notices.ts';

const SOURCE = '/worker';

/** See {@link RolloutActivities.recordRollout}. */
export async function recordRollout(
  sql: pg.ClientBase,
  { notifier, auditSeal }: Pick<RolloutDeps, 'notifier' | 'auditSeal'>,
  { tenantId, rolloutId, state, verdict }: RolloutRecord,
): Promise<void> {
  const { rows } = await sql.query<Recorded>(
    `WITH before AS (SELECT phase FROM rollout WHERE id = $1)
     UPDATE rollout SET phase = $2, reason = $3, message = $4, wave = $5, stage = $6, state = $7, updated_at = now(),
       finished_at = CASE WHEN $8 THEN now() END
     WHERE id = $1 AND state IS DISTINCT FROM $7::jsonb
     RETURNING (SELECT phase FROM before) AS before, name, targets, change, plan, created_by AS "authorId",
       (SELECT u.name FROM auth."user" u WHERE u.id = created_by) AS "authorName"`,
    [rolloutId, state.phase, state.reason, state.message, state.wave, state.stage, JSON.stringify(state), ENDED_PHASES.includes(state.phase)],
  );
  if (verdict) {
    await sql.query(`INSERT INTO rollout_verdict (rollout_id, seq, tenant_id, wave, decision, checks) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, [
      rolloutId,
      verdict.seq,
      tenantId,
      verdict.wave,
      verdict.verdict.decision,
      JSON.stringify(verdict.verdict.checks),
    ]);
  }
  const [changed] = rows;
  if (!changed) return;
  await timeWaves(sql, rolloutId, state);
  await insertEvent(sql, { tenantId, source: SOURCE, type: EventType.rolloutUpdated, subject: rolloutId });
  if (changed.before === state.phase) return;
  const moved = changed.change.kind === 'config' ? await moveBaseline(sql, rolloutId, changed.change, state.phase) : undefined;
  const event = eventOf(tenantId, rolloutId, changed.name, changed.targets, state);
  await recordFleetEvents(sql, SOURCE, event ? [event] : []);
  const author = { id: changed.authorId, name: changed.authorName ?? changed.authorId };
  const notice = noticeOf({ id: rolloutId, tenantId, name: changed.name, plan: changed.plan, author }, state);
  if (notice) await notifier.notify(sql, notice);
  if (!moved) return;
  const entry = { action: 'config.baseline', target: moved.config, before: { current: moved.before }, after: { current: moved.after, rollout: rolloutId } };
  await appendAudit(sql, { ...entry, tenantId, actor: 'platform', requestId: rolloutId, ip: null }, auditSeal);
}

/** A rollout whose record changed, and the phase that it was in. */
interface Recorded {
  readonly before: RolloutPhase;
  readonly name: string;
  readonly targets: number;
  readonly change: RolloutChange;
  readonly plan: RolloutPlan;
  readonly authorId: string;
  readonly authorName: string | null;
}

const MOST_USED_BEFORE = `SELECT (layer->>'version')::integer FROM rollout_target t, jsonb_array_elements(t.spec_before->'config'->'layers') AS layer
  WHERE t.rollout_id = $3 AND layer->>'config' = $1 GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1`;

const IS_PROVEN = "EXISTS (SELECT 1 FROM rollout_target t WHERE t.rollout_id = $3 AND t.state = 'applied')";

interface MovedBaseline {
  readonly config: string;
  readonly before: number | null;
  readonly after: number;
}

/**
 * New instances start on the version that a rollout has proven on one that runs, and no longer on one that was rolled back. Undefined when nothing
 * is moved, as of a config that belongs to the platform.
 */
async function moveBaseline(
  sql: pg.ClientBase,
  rolloutId: string,
  { config, version }: RolloutChange & { kind: 'config' },
  phase: RolloutPhase,
): Promise<MovedBaseline | undefined> {
  if (phase !== 'Succeeded' && phase !== 'RolledBack') return undefined;
  const target = phase === 'Succeeded' ? `CASE WHEN ${IS_PROVEN} THEN $2::integer END` : `CASE WHEN current = $2 THEN (${MOST_USED_BEFORE}) END`;
  const { rows } = await sql.query<MovedBaseline>(
    `WITH held AS (SELECT id, current FROM config WHERE id = $1 FOR UPDATE), wanted AS (SELECT id, current, ${target} AS version FROM held)
     UPDATE config c SET current = w.version FROM wanted w WHERE c.id = w.id AND w.version IS NOT NULL AND w.version IS DISTINCT FROM w.current
     RETURNING c.id AS config, w.current AS before, c.current AS after`,
    [config, version, rolloutId],
  );
  return rows[0];
}

/** A wave has begun when it is worked on, and is over when the next one is reached or nothing more happens. */
async function timeWaves(sql: pg.ClientBase, rolloutId: string, { wave, stage, phase }: RolloutState): Promise<void> {
  await sql.query('UPDATE rollout_wave SET started_at = now() WHERE rollout_id = $1 AND wave = $2 AND started_at IS NULL AND $3', [
    rolloutId,
    wave,
    phase === 'Progressing' && stage !== 'approval',
  ]);
  await sql.query(
    'UPDATE rollout_wave SET finished_at = now() WHERE rollout_id = $1 AND finished_at IS NULL AND started_at IS NOT NULL AND (wave < $2 OR $3)',
    [rolloutId, wave, ENDED_PHASES.includes(phase)],
  );
}

/** What people hear of a phase that a rollout has come to; null when nothing. */
function eventOf(tenantId: string, id: string, name: string, targets: number, { phase, message }: RolloutState): NewFleetEvent | null {
  const told = { tenantId, subject: { kind: 'rollout' as const, id, name } };
  const data = { message: message ?? '' };
  switch (phase) {
    case 'AwaitingApproval':
      return { ...told, type: 'rollout.awaiting-approval', data: {} };
    case 'Paused':
      return { ...told, type: 'rollout.paused', data };
    case 'RollingBack':
      return { ...told, type: 'rollout.rolling-back', data };
    case 'Succeeded':
      return { ...told, type: 'rollout.succeeded', data: { targets } };
    case 'RolledBack':
      return { ...told, type: 'rollout.rolled-back', data: {} };
    case 'Aborted':
      return { ...told, type: 'rollout.aborted', data };
    case 'Failed':
      return { ...told, type: 'rollout.failed', data };
    case 'Progressing':
      return null;
  }
}
