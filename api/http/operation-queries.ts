import type pg from 'pg';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import { decodeCursor, type Page, pageOfRows } from './pagination.ts';
import { OPERATION_COLUMNS, type OperationRow, presentOperation } from './present-operation.ts';
import { Conditions } from './sql.ts';

const FROM = 'FROM operation o JOIN instance i ON i.id = o.instance_id';
const SORT = '-createdAt';

export interface OperationFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: string | undefined;
  readonly kind?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly requestId?: string | undefined;
  /** Only operations that have not ended. */
  readonly active?: boolean;
}

/** Operations of the tenant, newest first. */
export async function listOperations(sql: pg.ClientBase, filter: OperationFilter): Promise<Page<OperationView>> {
  const conditions = new Conditions();
  conditions.equals('o.state', filter.state);
  conditions.equals('o.kind', filter.kind);
  conditions.equals('o.instance_id', filter.instanceId);
  conditions.equals('o.request_id', filter.requestId);
  if (filter.active) conditions.add("o.state IN ('pending', 'running', 'retrying')");
  const from = decodeCursor(filter.cursor, SORT, (value) => !Number.isNaN(Date.parse(value)) && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value));
  if (from) conditions.add(`(o.created_at, o.id) < (${conditions.value(from.value)}::timestamptz, ${conditions.value(from.id)})`);
  const { rows } = await sql.query<OperationRow>(
    `SELECT ${OPERATION_COLUMNS} ${FROM} ${conditions.where} ORDER BY o.created_at DESC, o.id DESC LIMIT ${conditions.value(filter.limit + 1)}`,
    conditions.values,
  );
  return pageOfRows(rows, filter.limit, (row) => ({ sort: SORT, value: row.created_at.toISOString(), id: row.id }), presentOperation);
}

/** The operation, or null when the tenant has none of this id. */
export async function findOperation(sql: pg.ClientBase, id: string): Promise<OperationView | null> {
  const { rows } = await sql.query<OperationRow>(`SELECT ${OPERATION_COLUMNS} ${FROM} WHERE o.id = $1`, [id]);
  return rows[0] ? presentOperation(rows[0]) : null;
}
