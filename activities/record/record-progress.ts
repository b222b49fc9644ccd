import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { recordFleetEvents } from '../../prisma/fleet-event.ts';
import { insertEvent } from '../../prisma/outbox-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Phase } from '../../workflows/contracts/instance.ts';
import { ENDED_STATES } from '../../workflows/contracts/operation.ts';
import type { InstanceRecord, OperationRecord, RecordActivities, RecordInput } from './contract.ts';
import { type InstanceChange, instanceEvents, type OperationBefore, operationEvent } from './progress-events.ts';

const UPDATE_OPERATION = `WITH before AS (SELECT state FROM operation WHERE id = $1)
  UPDATE operation SET state = $3, steps = $4, error = $5, allowed = $6,
    started_at = coalesce(started_at, $7), finished_at = $8
  WHERE id = $1 AND instance_id = $2 AND NOT (state = ANY($9))
  RETURNING (SELECT state FROM before), kind, params, request_id AS "requestId"`;

// An operation of a later seq owns the row: what an earlier one still has to say about the instance is out of date.
const UPDATE_INSTANCE = `WITH before AS (SELECT phase, reason FROM instance WHERE id = $1)
  UPDATE instance SET intent_phase = $2::text, reason = $3::text, message = $4::text, conditions = $5::jsonb,
    config_hash = coalesce($6::text, config_hash), applied_version = coalesce($7::text, applied_version),
    applied_generation = greatest(applied_generation, $8::integer),
    operation_id = coalesce($9::text, operation_id), updated_at = now(),
    transition_at = CASE WHEN intent_phase = $2::text THEN transition_at ELSE now() END,
    destroyed_at = CASE WHEN $2::text = '${Phase.destroyed}' THEN coalesce(destroyed_at, now()) ELSE destroyed_at END
  WHERE id = $1 AND intent_phase <> '${Phase.destroyed}'
    AND ((intent_phase, reason, message, conditions, operation_id) IS DISTINCT FROM ($2::text, $3::text, $4::text, $5::jsonb, coalesce($9::text, operation_id))
      OR config_hash IS DISTINCT FROM coalesce($6::text, config_hash) OR applied_version IS DISTINCT FROM coalesce($7::text, applied_version)
      OR applied_generation < $8::integer)
    AND NOT EXISTS (SELECT 1 FROM operation later WHERE later.instance_id = $1 AND later.started_at IS NOT NULL
      AND later.seq > coalesce((SELECT seq FROM operation WHERE id = $9::text), -1) AND ($9::text IS NOT NULL OR later.finished_at IS NULL))
  RETURNING phase, (SELECT row_to_json(before) FROM before) AS before`;

/**
 * Writes what an entity says of its operation and its instance, the events that tell of it, and what people should hear, in one transaction. An operation that
 * has ended stays as it ended; a write that comes late, from a worker that was thought lost, changes nothing.
 */
export function createRecordActivities({ database }: { readonly database: Database }): RecordActivities {
  return {
    recordProgress: (input) => database.withTenantSql(input.tenantId, (sql) => record(sql, input)),
  };
}

async function record(sql: pg.PoolClient, { tenantId, instanceId, operation, instance }: RecordInput): Promise<void> {
  const operationBefore = operation && (await updateOperation(sql, instanceId, operation));
  const isLate = operation !== null && !operationBefore;
  const instanceChange = instance !== null && !isLate ? await updateInstance(sql, instanceId, operation, instance) : null;
  const type = instance?.phase === Phase.destroyed ? EventType.instanceDestroyed : EventType.instanceUpdated;
  const source = '/worker';
  if (operation && operationBefore) await insertEvent(sql, { tenantId, source, type: EventType.operationUpdated, subject: operation.id, data: { instanceId } });
  if (instanceChange) await insertEvent(sql, { tenantId, source, type, subject: instanceId });
  const common = { tenantId, instanceId, subject: { kind: 'instance' as const, id: instanceId } };
  const ofOperation = operation && operationBefore ? operationEvent(common, operationBefore, operation) : null;
  const ofInstance = instance && instanceChange ? instanceEvents(common, instanceChange, instance, operation !== null) : [];
  await recordFleetEvents(sql, source, [...(ofOperation ? [ofOperation] : []), ...ofInstance]);
}

async function updateOperation(sql: pg.PoolClient, instanceId: string, operation: OperationRecord): Promise<OperationBefore | null> {
  const { rows } = await sql.query<OperationBefore>({
    name: 'record-operation',
    text: UPDATE_OPERATION,
    values: [
      operation.id,
      instanceId,
      operation.state,
      json(operation.steps),
      operation.error && json(operation.error),
      operation.allowed,
      operation.startedAt,
      operation.finishedAt,
      ENDED_STATES,
    ],
  });
  return rows[0] ?? null;
}

async function updateInstance(
  sql: pg.PoolClient,
  instanceId: string,
  operation: OperationRecord | null,
  instance: InstanceRecord,
): Promise<InstanceChange | null> {
  const { rows } = await sql.query<InstanceChange>({
    name: 'record-instance',
    text: UPDATE_INSTANCE,
    values: [
      instanceId,
      instance.phase,
      instance.reason,
      instance.message?.toWellFormed().replaceAll('\0', '') ?? null,
      json(instance.conditions),
      instance.configHash,
      instance.version,
      instance.appliedGeneration,
      operation?.id ?? null,
    ],
  });
  return rows[0] ?? null;
}

/** JSON that the database takes whatever a claw has said: it knows no NUL and no half characters. */
function json(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? member.toWellFormed().replaceAll('\0', '') : member));
}
