import type pg from 'pg';
import { ACCOUNT_EVENTS, type FleetEventType, type FleetEventView, type Severity, severitiesFrom } from '../../workflows/contracts/fleet-event.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { EVENT_COLUMNS, type EventRow, presentEvent } from './event.presenter.ts';

const SORT = '-lastAt';

export interface EventFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly type?: readonly FleetEventType[] | undefined;
  /** This one and worse ones. */
  readonly severity?: Severity | undefined;
  /** RFC 3339. */
  readonly since?: string | undefined;
  readonly instance?: string | undefined;
  readonly host?: string | undefined;
  /** Whether sign-ins and API keys may be seen. */
  readonly withAccounts: boolean;
}

/** Events of the tenant, newest first. One that happens again moves to the top. */
export async function listEvents(sql: pg.ClientBase, filter: EventFilter, now: () => Date = () => new Date()): Promise<Page<FleetEventView>> {
  const conditions = new Conditions();
  conditions.equals('e.instance_id', filter.instance);
  conditions.equals('e.host_id', filter.host);
  if (filter.type) conditions.add(`e.type = ANY(${conditions.value(filter.type)})`);
  if (filter.severity) conditions.add(`e.severity = ANY(${conditions.value(severitiesFrom(filter.severity))})`);
  if (filter.since) conditions.add(`e.last_at >= ${conditions.value(filter.since)}::timestamptz`);
  if (!filter.withAccounts) conditions.add(`e.type <> ALL(${conditions.value(ACCOUNT_EVENTS)})`);
  const from = decodeCursor(filter.cursor, SORT, (value) => !Number.isNaN(Date.parse(value)) && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value));
  if (from) conditions.add(`(e.last_at, e.id) < (${conditions.value(from.value)}::timestamptz, ${conditions.value(from.id)})`);
  const { rows } = await sql.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM fleet_event e ${conditions.where} ORDER BY e.last_at DESC, e.id DESC LIMIT ${conditions.value(filter.limit + 1)}`,
    conditions.values,
  );
  const shownAt = now();
  return pageOfRows(
    rows,
    filter.limit,
    (row) => ({ sort: SORT, value: row.last_at.toISOString(), id: row.id }),
    (row) => presentEvent(row, shownAt),
  );
}
