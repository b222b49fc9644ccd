import { hash } from 'node:crypto';
import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { JsonText } from '../http/json-text.ts';
import { parseLabelSelector, selectLabels } from '../http/label-selector.ts';
import { decodeCursor, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { INSTANCE_COLUMNS, INSTANCE_STAMP, type InstanceRow, presentInstance } from './instance.presenter.ts';
import type { ListInstancesQuery } from './instance.schema.ts';
import type { ClawCatalog } from './ports.ts';
import type { InstanceStamp, ReadyInstances } from './ready-instances.ts';

/** Columns to sort by; an id sorts by age. */
const SORT_COLUMNS = { createdAt: 'id', name: 'name', phase: 'phase' } as const;

/** More than this is not counted: it would cost more than the page itself. */
const COUNTED_MAX = 1000;

interface ListedRow extends InstanceStamp {
  /** The value of the column that the list is sorted by. */
  readonly sorted: string;
  readonly total: number | null;
}

/** A page of the tenant's instances. The first page also says how many match, up to a thousand. */
export async function listInstances(sql: pg.ClientBase, query: ListInstancesQuery, ready: ReadyInstances): Promise<JsonText> {
  const { rows: listed } = await sql.query<ListedRow>(statementOf(query));
  const page = pageOfRows(
    listed,
    query.limit,
    ({ sorted, id }) => ({ sort: query.sort, value: sorted, id }),
    (row) => row,
  );
  const items = await ready.texts(sql, page.items);
  const counted = listed[0]?.total ?? 0;
  const total = query.cursor === undefined && counted <= COUNTED_MAX ? `,"total":${counted}` : '';
  return new JsonText(`{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(page.nextCursor)}${total}}`);
}

function statementOf(query: ListInstancesQuery): pg.QueryConfig {
  const filter = filterOf(query);
  const total = query.cursor === undefined ? countOf(filter) : 'NULL::integer';
  const column = SORT_COLUMNS[query.sort.replace('-', '') as keyof typeof SORT_COLUMNS];
  const descending = query.sort.startsWith('-');
  const direction = descending ? 'DESC' : 'ASC';
  const from = decodeCursor(query.cursor, query.sort);
  if (from) filter.add(`(i.${column}, i.id) ${descending ? '<' : '>'} (${filter.value(from.value)}, ${filter.value(from.id)})`);
  const order = column === 'id' ? `i.id ${direction}` : `i.${column} ${direction}, i.id ${direction}`;
  // The page is found among narrow index entries first; only its own rows are looked at.
  const page = `SELECT i.id FROM instance i ${filter.where} ORDER BY ${order} LIMIT ${filter.value(query.limit + 1)}`;
  const text = `SELECT i.id, i.${column} AS sorted, ${INSTANCE_STAMP} AS stamp, ${total} AS total FROM instance i WHERE i.id IN (${page}) ORDER BY ${order}`;
  return { ...prepared(query, text), values: filter.values };
}

/** How many match, as an expression; a number beyond the most means that there are more. */
function countOf(filter: Conditions): string {
  return `(SELECT count(*)::integer FROM (SELECT 1 FROM instance i ${filter.where} LIMIT ${COUNTED_MAX + 1}) matching)`;
}

/**
 * A statement that is prepared once for each connection, which halves the time of a short query. Label selectors come in too many
 * shapes for the database to remember each.
 */
function prepared({ labels }: ListInstancesQuery, text: string): { readonly text: string; readonly name?: string } {
  if (labels !== undefined) return { text };
  return { text, name: `instances-${hash('sha1', text, 'base64url')}` };
}

/** What narrows the list; without phases everything that is not destroyed. */
export type InstanceFilter = Pick<ListInstancesQuery, 'phase' | 'type' | 'version' | 'hostId' | 'q' | 'labels'>;

/** The filter as conditions on `instance i`. */
export function filterOf(query: InstanceFilter): Conditions {
  const conditions = new Conditions();
  if (query.phase) conditions.add(`i.phase = ANY(${conditions.value(query.phase)})`);
  else conditions.add('i.destroyed_at IS NULL');
  conditions.equals('i.type', query.type);
  conditions.equals('i.version', query.version);
  conditions.equals('i.host_id', query.hostId);
  conditions.contains('i.name', query.q);
  selectLabels(conditions, 'i.id', parseLabelSelector(query.labels));
  return conditions;
}

/** Throws NOT_FOUND when the tenant has no such instance. */
export async function getInstance(sql: pg.ClientBase, id: string, catalog: ClawCatalog): Promise<InstanceView> {
  const { rows } = await sql.query<InstanceRow>({ name: 'instance', text: `SELECT ${INSTANCE_COLUMNS} FROM instance i WHERE i.id = $1`, values: [id] });
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return presentInstance(rows[0], catalog);
}
