import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Entitlement } from '../../workflows/contracts/quota.ts';
import { seatsTaken } from '../http/entitlements.ts';
import { type LimitColumns, limitValues, presentLimits } from '../http/limits.schema.ts';
import type { Plan, PlanInput, TenantPlan } from './plan.schema.ts';

interface PlanRow extends LimitColumns {
  readonly name: string;
  readonly seats: number | null;
  readonly entitlements: Entitlement[] | null;
}

const COLUMNS = 'p.name, p.instances, p.cpu_millis, p.memory_bytes, p.storage_bytes, p.seats, p.entitlements';

function presentPlan(row: PlanRow): Plan {
  return { name: row.name, limits: presentLimits(row), seats: row.seats, entitlements: row.entitlements };
}

/** Every plan by name. */
export async function readPlans(sql: pg.ClientBase): Promise<Plan[]> {
  const { rows } = await sql.query<PlanRow>(`SELECT ${COLUMNS} FROM plan p ORDER BY p.name`);
  return rows.map(presentPlan);
}

/** Makes a plan or changes the one of that name. */
export async function writePlan(sql: pg.ClientBase, name: string, { limits, seats, entitlements }: PlanInput, by: string): Promise<Plan> {
  const { rows } = await sql.query<PlanRow>(
    `INSERT INTO plan AS p (name, instances, cpu_millis, memory_bytes, storage_bytes, seats, entitlements, last_updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (name) DO UPDATE SET instances = excluded.instances, cpu_millis = excluded.cpu_millis, memory_bytes = excluded.memory_bytes,
       storage_bytes = excluded.storage_bytes, seats = excluded.seats, entitlements = excluded.entitlements, last_updated_by = excluded.last_updated_by,
       updated_at = now()
     RETURNING ${COLUMNS}`,
    [name, ...limitValues(limits), seats, entitlements, by],
  );
  const [row] = rows;
  if (!row) throw new Error('a plan that was written answered no row');
  return presentPlan(row);
}

/** The plan of the tenant as which `sql` runs. Throws NOT_FOUND when there is no such tenant. */
export async function readTenantPlan(sql: pg.ClientBase): Promise<TenantPlan> {
  const { rows } = await sql.query<PlanRow & { since: Date | null }>(
    `SELECT ${COLUMNS}, tp.updated_at AS since FROM quota_limits('') l JOIN plan p ON p.name = l.from_plan LEFT JOIN tenant_plan tp ON tp.tenant_id = l.scope_id
     WHERE l.scope_kind = 'tenant'`,
  );
  const [row] = rows;
  if (!row) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  return { plan: presentPlan(row), seats: { limit: row.seats, used: await seatsTaken(sql) }, since: row.since?.toISOString() ?? null };
}

/** Puts a tenant on a plan. Throws VALIDATION_FAILED when there is no such plan. */
export async function writeTenantPlan(sql: pg.ClientBase, tenantId: string, name: string, by: string): Promise<void> {
  const known = await readPlans(sql);
  if (!known.some((one) => one.name === name)) {
    const message = `is no plan; there is: ${known.map((one) => one.name).join(', ')}`;
    throw new Failure('VALIDATION_FAILED', `There is no plan ${name}.`, { errors: [{ path: '/plan', message }] });
  }
  await sql.query(
    `INSERT INTO tenant_plan (tenant_id, plan, last_updated_by) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id) DO UPDATE SET plan = excluded.plan, last_updated_by = excluded.last_updated_by, updated_at = now()`,
    [tenantId, name, by],
  );
}
