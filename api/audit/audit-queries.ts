import type pg from 'pg';
import type { AuditResult } from '../../workflows/contracts/audit.ts';
import { decodeCursor, encodeCursor, type Page } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { AUDIT_COLUMNS, type AuditRow, namesOf, presentAudit } from './audit.presenter.ts';
import type { AuditEntryView } from './audit.schema.ts';

const SORT = '-seq';
const SEQ = /^\d{1,9}$/;

export interface AuditFilter {
  /** Id of a person or of an API key. */
  readonly actor?: string | undefined;
  /** An action, or a resource for all of its actions. */
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly result?: AuditResult | undefined;
  /** RFC 3339. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

function conditionsOf({ actor, action, target, result, since, until }: AuditFilter): Conditions {
  const conditions = new Conditions();
  if (actor !== undefined) {
    const part = actor.startsWith('key_') ? 2 : 1;
    conditions.add(`split_part(actor, '/', ${part}) = ${conditions.value(actor)}`);
  }
  if (action?.includes('.')) conditions.equals('action', action);
  else if (action !== undefined) conditions.add(`split_part(action, '.', 1) = ${conditions.value(action)}`);
  conditions.equals('target', target);
  if (result !== undefined) conditions.add(`coalesce(result, 'done') = ${conditions.value(result)}`);
  if (since !== undefined) conditions.add(`at >= ${conditions.value(since)}::timestamptz`);
  if (until !== undefined) conditions.add(`at < ${conditions.value(until)}::timestamptz`);
  return conditions;
}

/** Entries of the tenant that match, newest first. */
export async function listAudit(
  sql: pg.ClientBase,
  filter: AuditFilter & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<AuditEntryView>> {
  const conditions = conditionsOf(filter);
  const from = decodeCursor(filter.cursor, SORT, (value) => SEQ.test(value));
  if (from) conditions.add(`seq < ${conditions.value(Number(from.value))}`);
  const { rows } = await sql.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit_event ${conditions.where} ORDER BY seq DESC LIMIT ${conditions.value(filter.limit + 1)}`,
    conditions.values,
  );
  const shown = rows.slice(0, filter.limit);
  const names = await namesOf(sql, shown);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => presentAudit(row, names)),
    nextCursor: rows.length > shown.length && last ? encodeCursor({ sort: SORT, value: String(last.seq), id: last.id }) : null,
  };
}

/** Up to `limit` entries that match and come after `after`, oldest first. */
export async function auditAfter(sql: pg.ClientBase, filter: AuditFilter, after: number, limit: number): Promise<AuditEntryView[]> {
  const conditions = conditionsOf(filter);
  conditions.add(`seq > ${conditions.value(after)}`);
  const { rows } = await sql.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit_event ${conditions.where} ORDER BY seq LIMIT ${conditions.value(limit)}`,
    conditions.values,
  );
  const names = await namesOf(sql, rows);
  return rows.map((row) => presentAudit(row, names));
}
