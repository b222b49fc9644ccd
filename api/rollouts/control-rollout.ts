import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { type ApprovalRule, allowedControls, ENDED_PHASES, RolloutControl } from '../../workflows/contracts/rollout.ts';
import { ruleAsked, subjectAsked } from '../../workflows/contracts/rollout-approval.ts';
import { changedPaths } from '../../workflows/contracts/rollout-plan.ts';
import { audit } from '../http/audit.ts';
import { enqueueEvent, enqueueRollout } from '../http/outbox.ts';
import { type Actor, actorOf, type RequestContext } from '../http/request-context.ts';
import { conflictWith, lockRollouts } from './create-rollout.ts';
import { conflictsWith } from './plan-rollout.ts';
import { type RolloutRow, situationOf } from './rollout.presenter.ts';
import { lockRollout } from './rollout-queries.ts';

/**
 * Writes down what somebody decided, with who did and why, and hands it to the rollout in the same transaction: it is kept while no worker runs.
 * Throws ILLEGAL_TRANSITION, APPROVER_IS_AUTHOR and FORBIDDEN.
 */
export async function controlRollout(sql: pg.PoolClient, context: RequestContext, id: string, control: RolloutControl, comment: string | null): Promise<void> {
  const actor = actorOf(context);
  if (control === RolloutControl.rollback) await lockRollouts(sql, actor.tenantId);
  const rollout = await lockRollout(sql, id);
  const allowed = allowedControls(situationOf(rollout));
  if (!allowed.includes(control)) {
    const possible = allowed.length > 0 ? `Possible now: ${allowed.join(', ')}.` : 'Nothing is possible now.';
    throw new Failure('ILLEGAL_TRANSITION', `${control} is not possible while the rollout is ${rollout.phase}. ${possible}`, { allowed });
  }
  const decided = control === RolloutControl.approve || control === RolloutControl.reject ? await decide(sql, actor, rollout, control, comment) : {};
  if (control === RolloutControl.rollback) await reopen(sql, rollout);
  if (control === RolloutControl.retry) {
    await sql.query("UPDATE rollout_target SET state = 'pending', error = NULL WHERE rollout_id = $1 AND wave = $2 AND state = 'failed'", [id, rollout.wave]);
  }
  await enqueueRollout(sql, { rolloutId: id, tenantId: actor.tenantId, commandId: newId(IdPrefix.rolloutCommand), control, by: actor.userId, ...decided });
  await enqueueEvent(sql, actor.tenantId, EventType.rolloutUpdated, id);
  await audit(sql, context, { action: `rollout.${control}`, target: id, ...(comment === null ? {} : { after: { comment } }) });
}

/** Answers what the decision is about. */
async function decide(
  sql: pg.ClientBase,
  actor: Actor,
  rollout: RolloutRow,
  decision: 'approve' | 'reject',
  comment: string | null,
): Promise<{ readonly subject: string }> {
  const { subject, rule } = askedOf(rollout);
  if (actor.userId === rollout.created_by) throw new Failure('APPROVER_IS_AUTHOR');
  if (!rule.roles.includes(actor.role)) throw new Failure('FORBIDDEN', `This rollout asks for the agreement of: ${rule.roles.join(', ')}.`);
  const { rowCount } = await sql.query(
    `INSERT INTO rollout_approval (id, tenant_id, rollout_id, subject, decision, user_id, comment) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT ON CONSTRAINT rollout_approval_key DO NOTHING`,
    [newId(IdPrefix.approval), actor.tenantId, rollout.id, subject, decision, actor.userId, comment],
  );
  if (rowCount === 0) throw new Failure('ILLEGAL_TRANSITION', 'You have decided on this already.');
  return { subject };
}

/** What is asked for now. */
function askedOf({ plan, state }: Pick<RolloutRow, 'plan' | 'state'>): { readonly subject: string; readonly rule: ApprovalRule } {
  const asking = state ?? ({ asks: 'start', wave: -1 } as const);
  const rule = ruleAsked(plan, asking);
  if (!rule) throw new Failure('ILLEGAL_TRANSITION', 'Nobody is asked to agree.');
  return { subject: subjectAsked(asking), rule };
}

/** A rollback after the end must not run into a later rollout; what could not be brought back is tried once more. */
async function reopen(sql: pg.ClientBase, { id, phase, change }: RolloutRow): Promise<void> {
  if (ENDED_PHASES.includes(phase)) {
    const { rows } = await sql.query<{ id: string }>('SELECT instance_id AS id FROM rollout_target WHERE rollout_id = $1', [id]);
    const [conflict] = await conflictsWith(
      sql,
      changedPaths(change),
      rows.map((row) => row.id),
      id,
    );
    if (conflict) throw conflictWith(conflict);
  }
  await sql.query("UPDATE rollout_target SET state = 'failed' WHERE rollout_id = $1 AND state = 'stuck'", [id]);
}
