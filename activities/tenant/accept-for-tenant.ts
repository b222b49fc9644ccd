import type pg from 'pg';
import { type AuditSeal, appendAudit } from '../../prisma/audit-chain.ts';
import { recordFleetEvents } from '../../prisma/fleet-event.ts';
import { insertEvents } from '../../prisma/outbox-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { InstanceCommand, Phase } from '../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';
import { newId } from '../platform/ids.ts';
import { nextOperation } from './next-operation.ts';

interface LockedClaw {
  readonly name: string;
  readonly phase: Phase;
  readonly generation: number;
  readonly seq: number;
}

/**
 * Accepts an operation on an instance for work on its whole tenant, as admission does for people: the next `seq`, operation, command, events
 * and audit in the caller's transaction. Does nothing when it is not called for any more by the time that the row is locked.
 */
export async function acceptForTenant(sql: pg.ClientBase, auditSeal: AuditSeal, order: TenantOrder, instanceId: string, wanted: OperationKind): Promise<void> {
  const { tenantId, retention, requestedBy, requestId } = order;
  const { rows } = await sql.query<LockedClaw>(
    'SELECT name, phase, generation, operation_seq AS seq FROM instance WHERE id = $1 AND destroyed_at IS NULL FOR UPDATE',
    [instanceId],
  );
  const claw = rows[0];
  if (!claw || nextOperation(order.kind, { phase: claw.phase, active: await activeKinds(sql, instanceId), failedLately: false }) !== wanted) return;
  const operationId = newId(IdPrefix.operation);
  const [seq, generation] = [claw.seq + 1, claw.generation + 1];
  const params: InstanceCommand['params'] = wanted === 'destroy' ? { retention } : {};
  await sql.query('UPDATE instance SET operation_seq = $2, generation = $3, updated_at = now(), last_updated_by = $4 WHERE id = $1', [
    instanceId,
    seq,
    generation,
    requestedBy,
  ]);
  await sql.query(
    'INSERT INTO operation (id, tenant_id, instance_id, seq, kind, params, generation, requested_by, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [operationId, tenantId, instanceId, seq, wanted, JSON.stringify(params), generation, requestedBy, requestId],
  );
  const command = { tenantId, instanceId, operationId, seq, kind: wanted, generation, params };
  await sql.query("INSERT INTO outbox (tenant_id, kind, key, payload) VALUES ($1, 'command', $2, $3)", [tenantId, instanceId, JSON.stringify(command)]);
  const source = '/worker';
  await insertEvents(sql, [
    { tenantId, source, type: EventType.operationUpdated, subject: operationId, data: { instanceId } },
    { tenantId, source, type: EventType.instanceUpdated, subject: instanceId },
  ]);
  const subject = { kind: 'instance', id: instanceId, name: claw.name } as const;
  await recordFleetEvents(sql, source, [{ tenantId, type: 'operation.accepted', subject, instanceId, operationId, requestId, data: { kind: wanted } }]);
  const entry = { action: `instance.${wanted}`, target: instanceId, before: null, after: { tenantWork: order.tenantWorkId, ...params } };
  await appendAudit(sql, { ...entry, tenantId, actor: 'platform', requestId, ip: null }, auditSeal);
}

async function activeKinds(sql: pg.ClientBase, instanceId: string): Promise<OperationKind[]> {
  const { rows } = await sql.query<{ kind: OperationKind }>(
    "SELECT kind FROM operation WHERE instance_id = $1 AND state IN ('pending', 'running', 'retrying') ORDER BY seq",
    [instanceId],
  );
  return rows.map(({ kind }) => kind);
}
