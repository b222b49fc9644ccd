import type pg from 'pg';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import { actorOf, type RequestContext } from './request-context.ts';

type Told<E> = E extends unknown ? Omit<E, 'tenantId' | 'actor' | 'requestId'> : never;

/** Commits what a caller made happen with the transaction it belongs to, in the caller's tenant and under the id of the request. */
export async function recordDeed(sql: pg.ClientBase, context: RequestContext, event: Told<NewFleetEvent>): Promise<void> {
  const { tenantId, userId, keyId } = actorOf(context);
  const actor = keyId ? { kind: 'key' as const, id: keyId } : { kind: 'person' as const, id: userId };
  await recordFleetEvents(sql, '/api', [{ ...event, tenantId, actor, requestId: context.requestId }]);
}
