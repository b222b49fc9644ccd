import type pg from 'pg';
import { inTransaction } from '../../prisma/client.ts';
import { recordFleetEvents } from '../../prisma/fleet-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { type Failure, failureView } from '../../workflows/contracts/failures.ts';
import type { InstanceCommand } from '../../workflows/contracts/instance.ts';
import type { KeyRotationOrder } from '../../workflows/contracts/key-rotation.ts';
import type { MailOrder } from '../../workflows/contracts/mail.ts';
import type { ProviderVerification } from '../../workflows/contracts/model.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import type { RolloutOrder } from '../../workflows/contracts/rollout.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';
import { enqueueEvent } from '../http/outbox.ts';

/** A command and whom it is for: an instance (`ins_…`), a provider (`prv_…`), a message (`mai_…`), a key rotation (`rot_…`), a rollout (`rol_…`) or a tenant (`ten_…`). */
export interface CommandRow {
  readonly seq: string;
  readonly tenantId: string;
  readonly key: string;
  readonly payload: InstanceCommand | ProviderVerification | MailOrder | KeyRotationOrder | TenantOrder | RolloutOrder;
}

export interface EventRow {
  readonly seq: string;
  readonly tenantId: string;
  readonly key: string;
  /** Of the instance that it is about, if it is about one. */
  readonly projectId?: string | null;
  readonly ownerId?: string | null;
  readonly payload: { readonly type?: string; readonly subject?: string; readonly time?: string; readonly data?: { readonly instanceId?: string } };
}

/** What is accepted and not delivered. */
export interface RelayLag {
  readonly pending: number;
  readonly oldestSeconds: number;
}

/** The outbox as the relay sees it: across tenants, by the system role. */
export interface OutboxStore {
  /** Pending commands in order, without those whose key is being served right now. */
  pendingCommands(limit: number, without: readonly string[]): Promise<CommandRow[]>;
  pendingEvents(limit: number): Promise<EventRow[]>;
  markDelivered(seqs: readonly string[]): Promise<void>;
  /** Ends the operation of a command that can never be delivered, and counts the command as delivered. */
  refuse(command: CommandRow, failure: Failure): Promise<void>;
  /** Removes delivered rows, and records of repeatable requests, that are this old. Answers how many rows it was. */
  prune(olderThanSeconds: number): Promise<number>;
  lag(): Promise<RelayLag>;
}

export function createOutboxStore(pool: pg.Pool): OutboxStore {
  return {
    pendingCommands: async (limit, without) => {
      const { rows } = await pool.query<CommandRow>(
        `SELECT seq, tenant_id AS "tenantId", key, payload FROM outbox WHERE delivered_at IS NULL AND kind = 'command' AND key <> ALL($2) ORDER BY seq LIMIT $1`,
        [limit, without],
      );
      return rows;
    },
    pendingEvents: async (limit) => {
      const { rows } = await pool.query<EventRow>(
        `SELECT o.seq, o.tenant_id AS "tenantId", o.key, o.payload, i.project_id AS "projectId", i.owner_id AS "ownerId"
         FROM outbox o LEFT JOIN instance i ON i.id = coalesce(o.payload->'data'->>'instanceId', o.payload->>'subject')
         WHERE o.delivered_at IS NULL AND o.kind = 'event' ORDER BY o.seq LIMIT $1`,
        [limit],
      );
      return rows;
    },
    markDelivered: async (seqs) => {
      if (seqs.length > 0) await pool.query('UPDATE outbox SET delivered_at = now() WHERE seq = ANY($1::bigint[])', [seqs]);
    },
    refuse: (command, failure) => inTransaction(pool, (sql) => refuse(sql, command, failure)),
    prune: async (olderThanSeconds) => {
      const rows = await pool.query('DELETE FROM outbox WHERE delivered_at < now() - make_interval(secs => $1)', [olderThanSeconds]);
      const records = await pool.query('DELETE FROM idempotency_record WHERE created_at < now() - make_interval(secs => $1)', [olderThanSeconds]);
      return (rows.rowCount ?? 0) + (records.rowCount ?? 0);
    },
    lag: async () => {
      const { rows } = await pool.query<RelayLag>(
        `SELECT count(*)::integer AS pending, coalesce(extract(epoch FROM now() - min(created_at)), 0)::double precision AS "oldestSeconds"
         FROM outbox WHERE delivered_at IS NULL`,
      );
      return rows[0] ?? { pending: 0, oldestSeconds: 0 };
    },
  };
}

async function refuse(sql: pg.ClientBase, { seq, tenantId, key, payload }: CommandRow, failure: Failure): Promise<void> {
  if ('operationId' in payload) await endOperation(sql, tenantId, key, payload.operationId, failure);
  await sql.query('UPDATE outbox SET delivered_at = now() WHERE seq = $1', [seq]);
}

async function endOperation(sql: pg.ClientBase, tenantId: string, instanceId: string, operationId: string, failure: Failure): Promise<void> {
  const { rows } = await sql.query<{ kind: OperationKind; request_id: string | null }>(
    `UPDATE operation SET state = 'failed', error = $2, allowed = '{}', finished_at = now() WHERE id = $1 AND state IN ('pending', 'running', 'retrying')
     RETURNING kind, request_id`,
    [operationId, JSON.stringify(failureView(failure))],
  );
  if (!rows[0]) return;
  await enqueueEvent(sql, tenantId, EventType.operationUpdated, operationId, { instanceId });
  const { kind, request_id: requestId } = rows[0];
  const subject = { kind: 'instance', id: instanceId } as const;
  const data = { kind, code: failure.code, message: failure.message };
  await recordFleetEvents(sql, '/api', [{ tenantId, type: 'operation.failed', subject, instanceId, operationId, requestId, data }]);
}
