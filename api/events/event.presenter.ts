import type { EventActor, EventSubject, FleetEventType, FleetEventView, Severity } from '../../workflows/contracts/fleet-event.ts';
import { sentenceOf } from './event-sentence.ts';

/** Columns of an event and the name of who did it, as EVENT_COLUMNS selects them. */
export interface EventRow {
  readonly id: string;
  readonly type: FleetEventType;
  readonly severity: Severity;
  readonly subject_kind: EventSubject;
  readonly subject_id: string;
  readonly subject_name: string;
  readonly actor_kind: EventActor;
  readonly actor_id: string | null;
  readonly actor_name: string | null;
  readonly instance_id: string | null;
  readonly host_id: string | null;
  readonly operation_id: string | null;
  readonly request_id: string | null;
  readonly data: FleetEventView['data'];
  readonly count: number;
  readonly first_at: Date;
  readonly last_at: Date;
}

/** For `FROM fleet_event e`. */
export const EVENT_COLUMNS = `e.id, e.type, e.severity, e.subject_kind, e.subject_id, e.subject_name, e.actor_kind, e.actor_id,
  CASE e.actor_kind WHEN 'person' THEN (SELECT name FROM auth."user" WHERE id = e.actor_id) WHEN 'key' THEN (SELECT name FROM api_key WHERE id = e.actor_id) END
    AS actor_name, e.instance_id, e.host_id, e.operation_id, e.request_id, e.data, e.count, e.first_at, e.last_at`;

export function presentEvent(row: EventRow, now: Date): FleetEventView {
  const event = {
    id: row.id,
    type: row.type,
    severity: row.severity,
    subject: { kind: row.subject_kind, id: row.subject_id, name: row.subject_name },
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    instanceId: row.instance_id,
    hostId: row.host_id,
    operationId: row.operation_id,
    requestId: row.request_id,
    count: row.count,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    data: row.data,
  } as Omit<FleetEventView, 'message'>;
  return { ...event, message: sentenceOf(event, now) } as FleetEventView;
}
