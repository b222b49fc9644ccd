import { hash } from 'node:crypto';
import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { parseLabelSelector, selectLabels } from '../http/label-selector.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { INSTANCE_COLUMNS, type InstanceRow, presentInstance } from './instance.presenter.ts';
import type { ListInstancesQuery } from './instance.schema.ts';
import type { ClawCatalog } from './ports.ts';

/** Columns to sort by; an id sorts by age. */
const SORT_COLUMNS = { createdAt: 'id', name: 'name', phase: 'phase' } as const;

/** More than this is not counted: it would cost more than the page itself. */
const COUNTED_MAX = 1000;

/** A page of the tenant's instances. The first page also says how many match, up to a thousand. */
export async function listInstances(sql: pg.ClientBase, query: ListInstancesQuery, catalog: ClawCatalog): Promise<Page<InstanceView>> {
  const filter = filterOf(query);
  const total = query.cursor === undefined ? countOf(filter) : 'NULL::integer';
  const descending = query.sort.startsWith('-');
  const column = SORT_COLUMNS[query.sort.replace('-', '') as keyof typeof SORT_COLUMNS];
  const direction = descending ? 'DESC' : 'ASC';
  const from = decodeCursor(query.cursor, query.sort);
  if (from) filter.add(`(i.${column}, i.id) ${descending ? '<' : '>'} (${filter.value(from.value)}, ${filter.value(from.id)})`);
  const order = column === 'id' ? `i.id ${direction}` : `i.${column} ${direction}, i.id ${direction}`;
  // The page is found among narrow index entries first; only its own rows are read whole.
  const page = `SELECT i.id FROM instance i ${filter.where} ORDER BY ${order} LIMIT ${filter.value(query.limit + 1)}`;
  const text = `SELECT ${INSTANCE_COLUMNS}, ${total} AS total FROM instance i WHERE i.id IN (${page}) ORDER BY ${order}`;
  const { rows } = await sql.query<InstanceRow & { total: number | null }>({ ...prepared(query, text), values: filter.values });
  const shown = pageOfRows(
    rows,
    query.limit,
    (row) => ({ sort: query.sort, value: row[column], id: row.id }),
    (row) => presentInstance(row, catalog.builtInChat),
  );
  return query.cursor === undefined ? withTotal(shown, rows[0]?.total ?? 0) : shown;
}

/** How many match, as an expression; a number beyond the most means that there are more. */
function countOf(filter: Conditions): string {
  return `(SELECT count(*)::integer FROM (SELECT 1 FROM instance i ${filter.where} LIMIT ${COUNTED_MAX + 1}) matching)`;
}

function withTotal(page: Page<InstanceView>, counted: number): Page<InstanceView> {
  return counted > COUNTED_MAX ? page : { ...page, total: counted };
}

/**
 * A statement that is prepared once for each connection, which halves the time of a short query. Label selectors come in too many
 * shapes for the database to remember each.
 */
function prepared({ labels }: ListInstancesQuery, text: string): { readonly text: string; readonly name?: string } {
  if (labels !== undefined) return { text };
  return { text, name: `instances-${hash('sha1', text, 'base64url')}` };
}

function filterOf(query: ListInstancesQuery): Conditions {
  const conditions = new Conditions();
  if (query.phase) conditions.add(`i.phase = ANY(${conditions.value(query.phase)})`);
  else conditions.add('i.destroyed_at IS NULL');
  conditions.equals('i.type', query.type);
  conditions.equals('i.version', query.version);
  conditions.equals('i.host_id', query.hostId);
  conditions.contains('i.name', query.q);
  selectLabels(conditions, 'i.labels', parseLabelSelector(query.labels));
  return conditions;
}

/** Throws NOT_FOUND when the tenant has no such instance. */
export async function getInstance(sql: pg.ClientBase, id: string, catalog: ClawCatalog): Promise<InstanceView> {
  const { rows } = await sql.query<InstanceRow>({ name: 'instance', text: `SELECT ${INSTANCE_COLUMNS} FROM instance i WHERE i.id = $1`, values: [id] });
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return presentInstance(rows[0], catalog.builtInChat);
}
