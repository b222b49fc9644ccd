import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { TenantProgress } from '../../workflows/contracts/tenant-work.ts';
import type { TenantState } from '../http/account.schema.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import type { TenantView } from './tenant.schema.ts';

/** The pools of the two roles: the one sees all tenants, the other all accounts. */
export interface TenantPools {
  readonly systemPool: pg.Pool;
  readonly pool: pg.Pool;
}

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly state: TenantState;
  readonly created_at: Date;
  readonly audit_keep_days: number | null;
  readonly progress: TenantProgress | null;
  readonly members: number;
  readonly projects: number;
  readonly instances: number;
  readonly owners: readonly string[];
}

type Owners = ReadonlyMap<string, TenantView['owners'][number]>;

const COLUMNS = `t.id, t.name, t.state, t.created_at, t.audit_keep_days, t.progress,
  (SELECT count(*)::integer FROM membership m WHERE m.tenant_id = t.id) AS members,
  (SELECT count(*)::integer FROM project p WHERE p.tenant_id = t.id AND p.deleted_at IS NULL) AS projects,
  (SELECT count(*)::integer FROM instance i WHERE i.tenant_id = t.id AND i.destroyed_at IS NULL) AS instances,
  ARRAY(SELECT m.user_id FROM membership m WHERE m.tenant_id = t.id AND m.role = 'owner' ORDER BY m.created_at) AS owners`;
const SORT = '-createdAt';

export interface TenantQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly q?: string | undefined;
}

/** `ids`: only these, or null for all of them. */
export async function listTenants(pools: TenantPools, ids: readonly string[] | null, { limit, cursor, q }: TenantQuery): Promise<Page<TenantView>> {
  const conditions = new Conditions();
  if (ids) conditions.add(`t.id = ANY(${conditions.value(ids)})`);
  conditions.contains('lower(t.name)', q);
  const from = decodeCursor(cursor, SORT);
  if (from) conditions.add(`t.id < ${conditions.value(from.id)}`);
  const { rows } = await pools.systemPool.query<TenantRow>(
    `SELECT ${COLUMNS} FROM tenant t ${conditions.where} ORDER BY t.id DESC LIMIT ${conditions.value(limit + 1)}`,
    conditions.values,
  );
  const owners = await findOwners(pools.pool, rows);
  return pageOfRows(
    rows,
    limit,
    (row) => ({ sort: SORT, value: '', id: row.id }),
    (row) => present(row, owners),
  );
}

/** Throws NOT_FOUND. */
export async function showTenant(pools: TenantPools, id: string): Promise<TenantView> {
  const { rows } = await pools.systemPool.query<TenantRow>(`SELECT ${COLUMNS} FROM tenant t WHERE t.id = $1`, [id]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  return present(rows[0], await findOwners(pools.pool, rows));
}

async function findOwners(pool: pg.Pool, rows: readonly TenantRow[]): Promise<Owners> {
  const ids = [...new Set(rows.flatMap(({ owners }) => owners))];
  const found = await pool.query<TenantView['owners'][number]>('SELECT id, name, email FROM auth."user" WHERE id = ANY($1)', [ids]);
  return new Map(found.rows.map((person) => [person.id, person]));
}

function present(
  { id, name, state, created_at: createdAt, audit_keep_days: auditKeepDays, progress, members, projects, instances, owners }: TenantRow,
  people: Owners,
): TenantView {
  return {
    id,
    name,
    state,
    createdAt: createdAt.toISOString(),
    members,
    projects,
    instances,
    owners: owners.flatMap((owner) => people.get(owner) ?? []),
    auditKeepDays,
    progress: progress && { ...progress, waitingFor: [...progress.waitingFor] },
  };
}
