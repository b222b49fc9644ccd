import { CloudEvent } from 'cloudevents';
import type pg from 'pg';
import type { EventType } from '../workflows/contracts/events.ts';

/** The part of the platform that says something. */
export type EventSource = '/api' | '/worker' | '/observer';

/** Something that changed, for the outbox to carry to whoever listens. */
export interface NewEvent {
  readonly tenantId: string;
  readonly source: EventSource;
  readonly type: EventType;
  /** Id of what changed. */
  readonly subject: string;
  /** Related ids. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Commits an event with the transaction it belongs to; the relay delivers it. */
export async function insertEvent(sql: pg.ClientBase, event: NewEvent): Promise<void> {
  await sql.query({
    name: 'insert-event',
    text: "INSERT INTO outbox (tenant_id, kind, key, payload) VALUES ($1, 'event', $2, $3)",
    values: [event.tenantId, event.subject, JSON.stringify(payloadOf(event))],
  });
}

/** The same for many events in one statement. */
export async function insertEvents(sql: pg.ClientBase, events: readonly NewEvent[]): Promise<void> {
  await sql.query({
    name: 'insert-events',
    text: "INSERT INTO outbox (tenant_id, kind, key, payload) SELECT tenant_id, 'event', key, payload FROM jsonb_to_recordset($1) AS e(tenant_id text, key text, payload jsonb)",
    values: [JSON.stringify(events.map((event) => ({ tenant_id: event.tenantId, key: event.subject, payload: payloadOf(event) })))],
  });
}

function payloadOf({ source, type, subject, data = {} }: NewEvent): CloudEvent<Readonly<Record<string, string>>> {
  return new CloudEvent({ source, type, subject, data });
}
