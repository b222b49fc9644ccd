import type pg from 'pg';
import type { AuditSeal } from '../../prisma/audit-chain.ts';
import type { Database } from '../../prisma/client.ts';
import { FAILURES, Failure, failureView, isFailure } from '../../workflows/contracts/failures.ts';
import { type InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import type { ChangeOutcome, RolloutChange, TargetRef, TargetState } from '../../workflows/contracts/rollout.ts';
import { applyChange, restoreSpec } from '../../workflows/contracts/rollout-plan.ts';
import { Role, Scope, TenantState } from '../http/account.schema.ts';
import { Action } from '../http/authorize.ts';
import type { RequestContext } from '../http/request-context.ts';
import { runs } from './plan-rollout.ts';
import type { RolloutPorts, SpecChange } from './ports.ts';
import { rolloutPolicy } from './rollout.policy.ts';

export interface ChangeTargetDeps {
  readonly database: Database;
  readonly auditSeal: AuditSeal;
  readonly ports: RolloutPorts;
}

interface Target {
  readonly change: RolloutChange;
  readonly author: string;
  readonly state: TargetState;
  readonly attempt: number;
  readonly spec_before: InstanceSpec | null;
  readonly runs: boolean;
  readonly operation_id: string | null;
  readonly batch_id: string | null;
}

interface Present {
  readonly phase: Phase;
  readonly spec: InstanceSpec;
  readonly generation: number;
  readonly config_hash: string | null;
  /** An operation of this rollout that has not ended. */
  readonly open: string | null;
}

/** An operation of a rollout is tried so often: the rollout judges, and a claw that cannot take the change should say so soon. */
const MAX_ATTEMPTS = 3;

const TARGET = `SELECT r.change, r.created_by AS author, t.state, t.attempt, t.spec_before, t.runs, t.operation_id, t.batch_id
  FROM rollout_target t JOIN rollout r ON r.id = t.rollout_id WHERE t.rollout_id = $1 AND t.instance_id = $2 FOR UPDATE OF t`;
const PRESENT = `SELECT i.phase, i.spec, i.generation, i.config_hash, (SELECT o.id FROM operation o WHERE o.instance_id = i.id AND o.id = $2
  AND o.finished_at IS NULL) AS open FROM instance i WHERE i.id = $1 AND i.destroyed_at IS NULL`;

/**
 * Changes one instance for a rollout, or brings it back, by an operation like any other: with its quota, its rules, its audit. What it was before is
 * written down in the same transaction. Asked again by the same batch it answers the same.
 */
export async function changeTarget(deps: ChangeTargetDeps, ref: TargetRef): Promise<ChangeOutcome> {
  try {
    return await deps.database.withTenantSql(ref.tenantId, (sql) => change(deps, sql, ref));
  } catch (error) {
    if (!isFailure(error) || FAILURES[error.code].status >= 500) throw error;
    if (error.code === 'OPERATION_IN_PROGRESS') return makeRoom(deps, ref);
    return deps.database.withTenantSql(ref.tenantId, (sql) => refused(sql, ref, error));
  }
}

async function change({ ports, auditSeal }: ChangeTargetDeps, sql: pg.PoolClient, ref: TargetRef): Promise<ChangeOutcome> {
  const { rows } = await sql.query<Target>(TARGET, [ref.rolloutId, ref.instanceId]);
  const [target] = rows;
  if (!target) return { kind: 'settled', state: 'skipped' };
  if (target.batch_id === ref.batchId)
    return target.operation_id ? { kind: 'accepted', operationId: target.operation_id } : { kind: 'settled', state: target.state };
  const found = await sql.query<Present>(PRESENT, [ref.instanceId, target.operation_id]);
  const present = found.rows[0];
  if (!present) return settled(sql, ref, 'skipped');
  const wish = wishOf(ref, target, present);
  if (!wish) return settled(sql, ref, ref.direction === 'back' ? 'rolled-back' : 'skipped');
  await assertStanding(sql, ref, target.author);
  const context = contextOf(ref, target.author, auditSeal);
  const params = { rollout: { workflowId: ref.batchId, maxAttempts: MAX_ATTEMPTS } };
  const operationId = await ports.accept(sql, context, ref.instanceId, { ...wish, params });
  await sql.query(
    `UPDATE rollout_target SET state = $3, attempt = attempt + 1, batch_id = $4, operation_id = $5, error = NULL, started_at = coalesce(started_at, now()),
       finished_at = NULL, spec_before = coalesce(spec_before, $6), generation_before = coalesce(generation_before, $7),
       config_hash_before = CASE WHEN spec_before IS NULL THEN $8 ELSE config_hash_before END, runs = CASE WHEN spec_before IS NULL THEN $9 ELSE runs END
     WHERE rollout_id = $1 AND instance_id = $2`,
    [
      ref.rolloutId,
      ref.instanceId,
      ref.direction === 'back' ? 'rolling-back' : 'applying',
      ref.batchId,
      operationId,
      JSON.stringify(present.spec),
      present.generation,
      present.config_hash,
      runs(present),
    ],
  );
  return { kind: 'accepted', operationId };
}

/** What to ask of the instance; null when it is as it should be. */
function wishOf({ direction }: TargetRef, target: Target, present: Present): Omit<SpecChange, 'params'> | null {
  const back = direction === 'back';
  if (target.change.kind === 'restart') return back || !runs(present) ? null : { kind: 'restart', spec: present.spec, judged: true };
  if (back && target.spec_before === null) return null;
  const spec = target.spec_before && back ? restoreSpec(present.spec, target.spec_before, target.change) : applyChange(present.spec, target.change);
  if (target.spec_before === null && spec === present.spec) return null;
  // What was brought down by the change is brought up again, which a change of something that stands still would not do.
  const kind = present.phase === Phase.failed && target.spec_before !== null && target.runs ? 'start' : 'update';
  return { kind, spec, judged: !back };
}

/** Nothing is changed in a tenant that is not active. What brings back what was there needs nobody's right any more, anything else that of the author. */
async function assertStanding(sql: pg.ClientBase, { tenantId, direction }: TargetRef, author: string): Promise<void> {
  const { rows } = await sql.query<{ state: TenantState; role: Role | null }>(
    `SELECT t.state, (SELECT m.role FROM membership m JOIN auth."user" u ON u.id = m.user_id
       WHERE m.tenant_id = t.id AND m.user_id = $2 AND m.suspended_at IS NULL AND u.disabled_at IS NULL) AS role FROM tenant t WHERE t.id = $1`,
    [tenantId, author],
  );
  const { state, role = null } = rows[0] ?? {};
  if (state !== TenantState.active) throw new Failure('TENANT_SUSPENDED');
  if (direction === 'back' || (role !== null && rolloutPolicy.roles[role]?.includes(Action.create))) return;
  throw new Failure('FORBIDDEN', 'Whoever made this rollout may not make rollouts any more.', { nextStep: 'Roll it back, or abort it and make it anew.' });
}

/** The author of the rollout asked for all of it; the id of the rollout is that of the request, by which its operations are found. */
function contextOf({ tenantId, rolloutId }: TargetRef, author: string, auditSeal: AuditSeal): RequestContext {
  return {
    requestId: rolloutId,
    ip: '',
    auditSeal,
    actor: {
      userId: author,
      tenantId,
      tenantName: '',
      tenantState: TenantState.active,
      role: Role.operator,
      grants: [],
      platformRole: null,
      visiting: false,
      auth: 'session',
      scopes: [Scope.read, Scope.write],
      keyId: null,
    },
  };
}

async function settled(sql: pg.ClientBase, ref: TargetRef, state: TargetState, error: Failure | null = null): Promise<ChangeOutcome> {
  await sql.query(
    `UPDATE rollout_target SET state = $3, batch_id = $4, operation_id = NULL, error = $5, finished_at = now() WHERE rollout_id = $1 AND instance_id = $2`,
    [ref.rolloutId, ref.instanceId, state, ref.batchId, error && JSON.stringify(failureView(error))],
  );
  return { kind: 'settled', state };
}

async function refused(sql: pg.ClientBase, ref: TargetRef, failure: Failure): Promise<ChangeOutcome> {
  if (failure.code === 'NOT_FOUND') return settled(sql, ref, 'skipped');
  return settled(sql, ref, ref.direction === 'back' ? 'stuck' : 'failed', failure);
}

/** On the way back this rollout's own change does not hold up its end; anything else is waited for. */
async function makeRoom({ database, ports }: ChangeTargetDeps, ref: TargetRef): Promise<ChangeOutcome> {
  if (ref.direction === 'back') {
    const open = await database.withTenantSql(ref.tenantId, async (sql) => {
      const { rows } = await sql.query<{ id: string; author: string }>(
        `SELECT o.id, r.created_by AS author FROM rollout_target t JOIN rollout r ON r.id = t.rollout_id JOIN operation o ON o.id = t.operation_id
         WHERE t.rollout_id = $1 AND t.instance_id = $2 AND o.finished_at IS NULL`,
        [ref.rolloutId, ref.instanceId],
      );
      return rows[0];
    });
    if (open) await ports.cancel(ref.instanceId, open.id, open.author);
  }
  return { kind: 'busy' };
}
