import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { RolloutPhase } from '../../workflows/contracts/rollout.ts';
import { changedPaths } from '../../workflows/contracts/rollout-plan.ts';
import { audit } from '../http/audit.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent, enqueueRollout } from '../http/outbox.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { type PlannedRollout, type PlannedTarget, planRollout } from './plan-rollout.ts';
import type { RolloutPorts } from './ports.ts';
import type { CreateRolloutBody } from './rollout.schema.ts';

/** Refused targets that an answer names. */
const NAMED = 10;

/**
 * Freezes the plan and the targets, and starts it with the transaction it belongs to. Answers the id. Throws ROLLOUT_CONFLICT, and what the change
 * of the first target would be refused for: a rollout that cannot reach all is not begun.
 */
export async function createRollout(sql: pg.PoolClient, context: RequestContext, ports: RolloutPorts, body: CreateRolloutBody): Promise<string> {
  const actor = actorOf(context);
  const { tenantId, userId } = actor;
  await lockRollouts(sql, tenantId);
  const planned = await planRollout(sql, ports, actor, body);
  assertPossible(planned);
  const id = newId(IdPrefix.rollout);
  await sql.query(
    'INSERT INTO rollout (id, tenant_id, name, change, paths, selector, plan, targets, phase, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
    [
      id,
      tenantId,
      body.name,
      JSON.stringify(body.change),
      changedPaths(body.change),
      JSON.stringify(body.selector),
      JSON.stringify(planned.plan),
      planned.targets.length,
      RolloutPhase.progressing,
      userId,
    ],
  );
  await insertTargets(sql, tenantId, id, planned);
  await enqueueRollout(sql, { rolloutId: id, tenantId, commandId: newId(IdPrefix.rolloutCommand), control: 'start', by: userId });
  await enqueueEvent(sql, tenantId, EventType.rolloutUpdated, id);
  const subject = { kind: 'rollout', id, name: body.name } as const;
  await recordDeed(sql, context, { type: 'rollout.created', subject, data: { targets: planned.targets.length } });
  const { name, change, selector } = body;
  await audit(sql, context, { action: 'rollout.create', target: id, after: { name, change, selector, targets: planned.targets.length } });
  return id;
}

/** Two rollouts are judged one after the other, so that neither can miss the other. */
export async function lockRollouts(sql: pg.ClientBase, tenantId: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('rollout/' || $1, 0))", [tenantId]);
}

function assertPossible({ conflicts: [conflict], targets }: PlannedRollout): void {
  if (conflict) throw conflictWith(conflict);
  const refused = targets.filter((target): target is PlannedTarget & { refusal: Failure } => target.refusal !== null);
  const [first] = refused;
  if (!first) return;
  const errors = refused.slice(0, NAMED).flatMap(({ name, refusal }) => {
    const own = refusal.details.errors ?? [{ path: '/change', message: refusal.message }];
    return own.map(({ path, message }) => ({ path: `/change${path.replace(/^\/change/, '')}`, message: `${name}: ${message}` }));
  });
  throw new Failure(first.refusal.code, `${refused.length} of ${targets.length} instances cannot have this change. ${first.name}: ${first.refusal.message}`, {
    errors,
    nextStep: first.refusal.nextStep,
  });
}

export function conflictWith({ id, name }: PlannedRollout['conflicts'][number]): Failure {
  return new Failure('ROLLOUT_CONFLICT', `The rollout ${name} (${id}) changes the same setting of some of these instances.`, { rolloutId: id });
}

async function insertTargets(sql: pg.ClientBase, tenantId: string, id: string, { plan, targets }: PlannedRollout): Promise<void> {
  const sizes = plan.waves.map((_, wave) => targets.filter((target) => target.wave === wave).length);
  await sql.query(
    'INSERT INTO rollout_wave (rollout_id, tenant_id, wave, targets) SELECT $1, $2, n - 1, size FROM unnest($3::integer[]) WITH ORDINALITY AS w(size, n)',
    [id, tenantId, sizes],
  );
  await sql.query(
    `INSERT INTO rollout_target (rollout_id, tenant_id, instance_id, wave, position)
     SELECT $1, $2, instance_id, wave, n FROM unnest($3::text[], $4::integer[]) WITH ORDINALITY AS t(instance_id, wave, n)`,
    [id, tenantId, targets.map((target) => target.id), targets.map((target) => target.wave)],
  );
}
