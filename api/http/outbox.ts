import type pg from 'pg';
import { insertEvent } from '../../prisma/outbox-event.ts';
import type { EventType } from '../../workflows/contracts/events.ts';
import type { InstanceCommand } from '../../workflows/contracts/instance.ts';
import type { KeyRotationOrder } from '../../workflows/contracts/key-rotation.ts';
import type { ProviderVerification } from '../../workflows/contracts/model.ts';
import type { RolloutOrder } from '../../workflows/contracts/rollout.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';

/** Commits a command for the entity of an instance with the transaction it belongs to; the relay delivers it. */
export async function enqueueCommand(sql: pg.ClientBase, tenantId: string, instanceId: string, command: InstanceCommand): Promise<void> {
  await insertCommand(sql, tenantId, instanceId, { tenantId, instanceId, ...command });
}

/** Commits the start of a provider's verification: the relay starts `providerVerifyWorkflow` with this payload, key = id of the provider. */
export async function enqueueVerification(sql: pg.ClientBase, verification: ProviderVerification): Promise<void> {
  await insertCommand(sql, verification.tenantId, verification.providerId, verification);
}

/** Commits the start of a key rotation: the relay starts `keyRotationWorkflow` with this payload. */
export async function enqueueKeyRotation(sql: pg.ClientBase, tenantId: string, order: KeyRotationOrder): Promise<void> {
  await insertCommand(sql, tenantId, order.rotationId, order);
}

/** Commits the start of a suspension or deletion: the relay starts `tenantWorkflow` with this payload. `sql` must run as that tenant. */
export async function enqueueTenantWork(sql: pg.ClientBase, order: TenantOrder): Promise<void> {
  await insertCommand(sql, order.tenantId, order.tenantId, order);
}

/** Commits what somebody decided about a rollout: the relay signals it to the rollout's workflow, starting that if it is not there. */
export async function enqueueRollout(sql: pg.ClientBase, order: RolloutOrder): Promise<void> {
  await insertCommand(sql, order.tenantId, order.rolloutId, order);
}

/** Commands of one key are delivered in their order. */
async function insertCommand(sql: pg.ClientBase, tenantId: string, key: string, payload: object): Promise<void> {
  await sql.query("INSERT INTO outbox (tenant_id, kind, key, payload) VALUES ($1, 'command', $2, $3)", [tenantId, key, JSON.stringify(payload)]);
}

/** Commits an event; `subject` is the id of what changed, `data` names related ids. */
export async function enqueueEvent(
  sql: pg.ClientBase,
  tenantId: string,
  type: EventType,
  subject: string,
  data: Readonly<Record<string, string>> = {},
): Promise<void> {
  await insertEvent(sql, { tenantId, source: '/api', type, subject, data });
}
