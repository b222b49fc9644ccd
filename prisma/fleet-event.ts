import type pg from 'pg';
import { newId } from '../activities/platform/ids.ts';
import { EventType } from '../workflows/contracts/events.ts';
import { EventActor, type EventSubject, FLEET_EVENTS, type FleetEventData, type FleetEventType } from '../workflows/contracts/fleet-event.ts';
import { IdPrefix } from '../workflows/contracts/ids.ts';
import type { EventSource } from './outbox-event.ts';

/** Something that happened, for the feed that people read. */
export interface NewFleetEventOf<T extends FleetEventType> {
  readonly tenantId: string;
  readonly type: T;
  /** Without a name it is the one that the instance or host has now. */
  readonly subject: { readonly kind: EventSubject; readonly id: string; readonly name?: string };
  readonly data: FleetEventData[T];
  /** Without one it was the platform itself. */
  readonly actor?: { readonly kind: 'person' | 'key'; readonly id: string };
  readonly instanceId?: string;
  readonly hostId?: string;
  readonly operationId?: string;
  readonly requestId?: string | null;
  /** When it happened, RFC 3339; now without it. */
  readonly at?: string;
  /** How many times; 1 without it. */
  readonly count?: number;
}
export type NewFleetEvent = { readonly [T in FleetEventType]: NewFleetEventOf<T> }[FleetEventType];

/** Types of which one row a day counts how often they happened to the same thing in the same way. */
const FOLDED: ReadonlySet<FleetEventType> = new Set<FleetEventType>([
  'instance.crashed',
  'instance.out-of-memory',
  'instance.unresponsive',
  'instance.blocked',
  'instance.degraded',
  'instance.running',
  'instance.drifted',
  'provider.verified',
  'provider.refused',
  'host.connected',
  'host.disconnected',
  'person.signed-in',
]);

/** What makes two events equal: type, subject, and how it happened; with the day (UTC) it happened on. Null: equal to none. */
export function foldKey(event: Pick<NewFleetEvent, 'type' | 'subject' | 'data' | 'operationId'>, at: Date): string | null {
  const { type, subject, data, operationId } = event;
  const how = ['exitCode', 'signal', 'step', 'code', 'generation'].flatMap((name) => (name in data ? [(data as Record<string, unknown>)[name] ?? '-'] : []));
  if (operationId !== undefined) return [type, operationId, ...how].join('/');
  if (type === 'instance.config-applied') return [type, subject.id, ...how].join('/');
  return FOLDED.has(type) ? [type, subject.id, ...how, at.toISOString().slice(0, 10)].join('/') : null;
}

// An event and what tells listeners of it are one statement: each way to the server and back costs as much as the insert.
const RECORD = `WITH stored AS (
    INSERT INTO fleet_event (id, tenant_id, type, severity, subject_kind, subject_id, subject_name, actor_kind, actor_id, instance_id, host_id,
      operation_id, request_id, data, count, first_at, last_at, fold_key)
    SELECT e.id, e.tenant_id, e.type, e.severity, e.subject_kind, e.subject_id,
      coalesce(e.subject_name, (SELECT name FROM instance WHERE id = e.subject_id), (SELECT name FROM host WHERE id = e.subject_id), e.subject_id),
      e.actor_kind, e.actor_id, e.instance_id, e.host_id, e.operation_id, e.request_id, e.data, e.count, e.first_at, e.last_at, e.fold_key
    FROM jsonb_to_recordset($1) AS e(id text, tenant_id text, type text, severity text, subject_kind text, subject_id text, subject_name text,
      actor_kind text, actor_id text, instance_id text, host_id text, operation_id text, request_id text, data jsonb, count integer,
      first_at timestamptz, last_at timestamptz, fold_key text)
    ON CONFLICT (tenant_id, fold_key) DO UPDATE SET count = fleet_event.count + EXCLUDED.count, data = EXCLUDED.data,
      subject_name = EXCLUDED.subject_name, first_at = least(fleet_event.first_at, EXCLUDED.first_at),
      last_at = greatest(fleet_event.last_at, EXCLUDED.last_at)
    RETURNING id, tenant_id, instance_id)
  INSERT INTO outbox (tenant_id, kind, key, payload)
  SELECT tenant_id, 'event', id, jsonb_build_object('id', gen_random_uuid(), 'specversion', '1.0', 'source', $2::text, 'type', $3::text, 'subject', id,
    'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', jsonb_strip_nulls(jsonb_build_object('instanceId', instance_id)))
  FROM stored`;

/** Commits what happened with the transaction it belongs to. Equal events become one row that counts, and listeners are told its id. */
export async function recordFleetEvents(
  sql: pg.ClientBase,
  source: EventSource,
  events: readonly NewFleetEvent[],
  now: () => Date = () => new Date(),
): Promise<void> {
  if (events.length === 0) return;
  const at = now();
  const rows = folded(events.map((event) => rowOf(event, at)));
  await sql.query({ name: 'record-fleet-events', text: RECORD, values: [storable(rows), source, EventType.eventRecorded] });
}

type Row = ReturnType<typeof rowOf>;

function rowOf(event: NewFleetEvent, now: Date) {
  // The clock of another machine may be ahead; nothing has happened that is yet to come.
  const at = event.at === undefined || Date.parse(event.at) > now.getTime() ? now : new Date(event.at);
  const id = newId(IdPrefix.event);
  return {
    id,
    tenant_id: event.tenantId,
    type: event.type,
    severity: FLEET_EVENTS[event.type],
    subject_kind: event.subject.kind,
    subject_id: event.subject.id,
    subject_name: event.subject.name ?? null,
    actor_kind: event.actor?.kind ?? EventActor.platform,
    actor_id: event.actor?.id ?? null,
    instance_id: event.instanceId ?? null,
    host_id: event.hostId ?? null,
    operation_id: event.operationId ?? null,
    request_id: event.requestId ?? null,
    data: event.data,
    count: event.count ?? 1,
    first_at: at.toISOString(),
    last_at: at.toISOString(),
    fold_key: foldKey(event, at) ?? id,
  };
}

/** One row for each fold key, in one order, so that two transactions never wait for each other in a circle. */
function folded(rows: readonly Row[]): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.tenant_id} ${row.fold_key}`;
    const before = byKey.get(key);
    byKey.set(key, before ? { ...row, count: before.count + row.count, first_at: before.first_at } : row);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** JSON that the database takes whatever a claw has said: it knows no NUL and no half characters. */
function storable(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? member.toWellFormed().replaceAll('\0', '') : member));
}
