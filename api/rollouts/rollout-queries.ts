import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { ENDED_PHASES, type RolloutChange } from '../../workflows/contracts/rollout.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import type { Actor } from '../http/request-context.ts';
import { Conditions } from '../http/sql.ts';
import {
  type ApprovalRow,
  presentRollout,
  presentSummary,
  presentTarget,
  type RolloutRow,
  type TargetRow,
  type VerdictRow,
  type WaveRow,
} from './rollout.presenter.ts';
import type { ListRolloutsQuery, ListTargetsQuery, RolloutSummary, RolloutView, TargetView } from './rollout.schema.ts';

const COUNTS = `(SELECT coalesce(jsonb_object_agg(c.state, c.n), '{}') FROM (SELECT state, count(*)::integer AS n FROM rollout_target
  WHERE rollout_id = r.id GROUP BY state) c)`;
const SELECT = `SELECT r.id, r.name, r.change, r.selector, r.plan, r.targets, r.phase, r.reason, r.message, r.wave, r.stage, r.state, r.created_at,
  r.created_by, u.name AS author, r.updated_at, r.finished_at, ${COUNTS} AS counts FROM rollout r LEFT JOIN auth."user" u ON u.id = r.created_by`;
const SORT = '-createdAt';
const TARGET_SORT = 'position';
const VERDICTS = 100;

/** Locks the row. Throws NOT_FOUND when the tenant has no such rollout. */
export async function lockRollout(sql: pg.ClientBase, id: string): Promise<RolloutRow> {
  const { rows } = await sql.query<RolloutRow>(`${SELECT} WHERE r.id = $1 FOR UPDATE OF r`, [id]);
  if (!rows[0]) throw noSuchRollout();
  return rows[0];
}

function noSuchRollout(): Failure {
  return new Failure('NOT_FOUND', 'There is no such rollout.');
}

/** Rollouts of the tenant, newest first. */
export async function listRollouts(sql: pg.ClientBase, actor: Actor, query: ListRolloutsQuery): Promise<Page<RolloutSummary>> {
  const conditions = new Conditions();
  conditions.equals('r.phase', query.phase);
  if (query.active === 'true') conditions.add(`r.phase <> ALL(${conditions.value(ENDED_PHASES)})`);
  if (query.instance !== undefined) {
    conditions.add(`EXISTS (SELECT 1 FROM rollout_target t WHERE t.rollout_id = r.id AND t.instance_id = ${conditions.value(query.instance)})`);
  }
  if (query.mine === 'true') waitsFor(conditions, actor);
  const from = decodeCursor(query.cursor, SORT);
  if (from) conditions.add(`r.id < ${conditions.value(from.id)}`);
  const { rows } = await sql.query<RolloutRow>(
    `${SELECT} ${conditions.where} ORDER BY r.id DESC LIMIT ${conditions.value(query.limit + 1)}`,
    conditions.values,
  );
  return pageOfRows(rows, query.limit, ({ id }) => ({ sort: SORT, value: id, id }), presentSummary);
}

/** Those that this person may decide on now and has not yet. */
function waitsFor(conditions: Conditions, { userId, role }: Actor): void {
  const rule = `CASE WHEN r.state->>'asks' = 'start' THEN r.plan->'approvalBeforeStart' ELSE r.plan->'waves'->r.wave->'approval' END`;
  const subject = `CASE WHEN r.state->>'asks' = 'start' THEN 'start' ELSE r.wave::text END`;
  const me = conditions.value(userId);
  conditions.add(`r.phase = 'AwaitingApproval' AND r.created_by <> ${me} AND (${rule})->'roles' ? ${conditions.value(role)}
    AND NOT EXISTS (SELECT 1 FROM rollout_approval a WHERE a.rollout_id = r.id AND a.user_id = ${me} AND a.subject = ${subject})`);
}

/** Throws NOT_FOUND when the tenant has no such rollout. */
export async function showRollout(sql: pg.ClientBase, id: string): Promise<RolloutView> {
  const { rows } = await sql.query<RolloutRow>(`${SELECT} WHERE r.id = $1`, [id]);
  if (!rows[0]) throw noSuchRollout();
  const waves = await sql.query<WaveRow>(
    `SELECT w.wave, w.targets, w.started_at, w.finished_at, (SELECT coalesce(jsonb_object_agg(c.state, c.n), '{}') FROM (SELECT state, count(*)::integer AS n
       FROM rollout_target t WHERE t.rollout_id = w.rollout_id AND t.wave = w.wave GROUP BY state) c) AS counts
     FROM rollout_wave w WHERE w.rollout_id = $1 ORDER BY w.wave`,
    [id],
  );
  const approvals = await sql.query<ApprovalRow>(
    `SELECT a.subject, a.decision, a.user_id, u.name, a.comment, a.created_at FROM rollout_approval a LEFT JOIN auth."user" u ON u.id = a.user_id
     WHERE a.rollout_id = $1 ORDER BY a.created_at, a.id`,
    [id],
  );
  const verdicts = await sql.query<VerdictRow>(
    'SELECT wave, decision, checks, created_at FROM rollout_verdict WHERE rollout_id = $1 ORDER BY seq DESC LIMIT $2',
    [id, VERDICTS],
  );
  return presentRollout(rows[0], waves.rows, approvals.rows, verdicts.rows);
}

/** Targets in the order of their waves. Throws NOT_FOUND when the tenant has no such rollout. */
export async function listTargets(sql: pg.ClientBase, id: string, query: ListTargetsQuery): Promise<Page<TargetView>> {
  const found = await sql.query<{ change: RolloutChange }>('SELECT change FROM rollout WHERE id = $1', [id]);
  const change = found.rows[0]?.change;
  if (!change) throw noSuchRollout();
  const conditions = new Conditions();
  conditions.equals('t.rollout_id', id);
  conditions.equals('t.wave', query.wave);
  conditions.equals('t.state', query.state);
  const from = decodeCursor(query.cursor, TARGET_SORT, (value) => /^\d{1,6}$/.test(value));
  if (from) conditions.add(`t.position > ${conditions.value(Number(from.value))}`);
  const { rows } = await sql.query<TargetRow>(
    `SELECT t.instance_id, i.name, i.phase, i.spec, t.wave, t.position, t.state, t.attempt, t.spec_before, t.operation_id, t.config_hash_before, t.config_hash_after,
       t.error, t.started_at, t.finished_at
     FROM rollout_target t JOIN instance i ON i.id = t.instance_id ${conditions.where} ORDER BY t.position LIMIT ${conditions.value(query.limit + 1)}`,
    conditions.values,
  );
  return pageOfRows(
    rows,
    query.limit,
    (row) => ({ sort: TARGET_SORT, value: String(row.position), id: row.instance_id }),
    (row) => presentTarget(row, change),
  );
}
