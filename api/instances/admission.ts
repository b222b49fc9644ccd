import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { InstanceCommand, InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import { audit } from '../http/audit.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueCommand, enqueueEvent } from '../http/outbox.ts';
import { type Actor, actorOf, type RequestContext, traceOf } from '../http/request-context.ts';
import { refusal } from './legality.ts';

/** An instance whose row is locked until the transaction ends. */
export interface LockedInstance {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly projectId: string;
  readonly phase: Phase;
  readonly generation: number;
  readonly operationSeq: number;
  readonly labels: Record<string, string>;
  readonly spec: InstanceSpec;
}

/** Locks the row. Throws NOT_FOUND when the tenant has no such instance. */
export async function lockInstance(sql: pg.ClientBase, id: string): Promise<LockedInstance> {
  const { rows } = await sql.query<LockedInstance>(
    'SELECT id, name, type, project_id AS "projectId", phase, generation, operation_seq AS "operationSeq", labels, spec FROM instance WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return rows[0];
}

/** Throws unless this operation may be accepted now, and GENERATION_MISMATCH when the caller's version is not the present one. */
export async function assertLegal(sql: pg.ClientBase, instance: LockedInstance, kind: OperationKind, ifMatch: number | null = null): Promise<void> {
  if (ifMatch !== null && ifMatch !== instance.generation) {
    throw new Failure('GENERATION_MISMATCH', `The change is based on generation ${ifMatch}; the present one is ${instance.generation}.`, {
      generation: instance.generation,
    });
  }
  const { rows: active } = await sql.query<{ id: string; kind: OperationKind }>(
    "SELECT id, kind FROM operation WHERE instance_id = $1 AND state IN ('pending', 'running', 'retrying') ORDER BY seq",
    [instance.id],
  );
  const failure = refusal({ phase: instance.phase, active }, kind);
  if (failure) throw failure;
}

/** What an accepted operation changes of the desired state; what is not named stays. */
export interface Acceptance {
  readonly kind: OperationKind;
  readonly params?: InstanceCommand['params'];
  readonly change?: { readonly name?: string; readonly labels?: Record<string, string>; readonly spec?: InstanceSpec };
}

/**
 * Accepts an operation on a locked instance in the caller's transaction: the next `seq` and generation, desired state, operation,
 * command, events for programs and for people, audit. Answers the operation's id. From the commit on it is never lost.
 */
export async function acceptOperation(
  sql: pg.ClientBase,
  context: RequestContext,
  instance: LockedInstance,
  { kind, params = {}, change = {} }: Acceptance,
): Promise<string> {
  const actor = actorOf(context);
  const seq = instance.operationSeq + 1;
  const generation = kind === 'create' ? instance.generation : instance.generation + 1;
  const { name = instance.name, labels = instance.labels, spec = instance.spec } = change;
  await sql.query(
    `UPDATE instance SET operation_seq = $2, generation = $3, name = $4, labels = $5, spec = $6, version = $7, updated_at = now(), last_updated_by = $8 WHERE id = $1`,
    [instance.id, seq, generation, name, JSON.stringify(labels), JSON.stringify(spec), spec.version, actor.userId],
  );
  const operationId = await insertOperation(sql, actor, { instanceId: instance.id, seq, kind, params, generation, requestId: context.requestId });
  await enqueueCommand(sql, actor.tenantId, instance.id, { operationId, seq, kind, generation, params, ...traceOf(context) });
  await enqueueEvent(sql, actor.tenantId, EventType.operationUpdated, operationId, { instanceId: instance.id });
  await enqueueEvent(sql, actor.tenantId, EventType.instanceUpdated, instance.id);
  await recordDeed(sql, context, {
    type: 'operation.accepted',
    subject: { kind: 'instance', id: instance.id, name },
    instanceId: instance.id,
    operationId,
    data: { kind },
  });
  await audit(sql, context, { action: `instance.${kind}`, target: instance.id, ...auditedChange(instance, { name, labels, spec }, kind, params) });
  return operationId;
}

interface NewOperation {
  readonly instanceId: string;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly params: InstanceCommand['params'];
  readonly generation: number;
  readonly requestId: string;
}

async function insertOperation(sql: pg.ClientBase, actor: Actor, operation: NewOperation): Promise<string> {
  const id = newId(IdPrefix.operation);
  await sql.query(
    'INSERT INTO operation (id, tenant_id, instance_id, seq, kind, params, generation, requested_by, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [
      id,
      actor.tenantId,
      operation.instanceId,
      operation.seq,
      operation.kind,
      JSON.stringify(operation.params),
      operation.generation,
      actor.userId,
      operation.requestId,
    ],
  );
  return id;
}

function auditedChange(
  before: LockedInstance,
  after: Pick<LockedInstance, 'name' | 'labels' | 'spec'>,
  kind: OperationKind,
  params: InstanceCommand['params'],
) {
  if (kind === 'create') return { after };
  const changed = JSON.stringify({ name: before.name, labels: before.labels, spec: before.spec }) !== JSON.stringify(after);
  if (changed) return { before: { name: before.name, labels: before.labels, spec: before.spec }, after };
  return Object.keys(params).length > 0 ? { after: params } : {};
}
