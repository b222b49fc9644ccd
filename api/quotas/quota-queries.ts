import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { bytesQuantity, cpuQuantity } from '../../workflows/contracts/quantities.ts';
import { type LimitScope, type QuotaLimits, QuotaResource } from '../../workflows/contracts/quota.ts';
import { type LimitColumns, limitValues, presentLimits } from '../http/limits.schema.ts';
import type { QuotaView, ScopeUsage } from './quota.schema.ts';

const LARGEST = 5;
/** In the order of {@link limitValues}. */
const RESOURCES = Object.values(QuotaResource);

interface ScopeRow extends LimitColumns {
  readonly kind: LimitScope;
  readonly id: string;
  readonly name: string;
  readonly plan: string | null;
  readonly own: LimitColumns | null;
  readonly used_instances: string;
  readonly used_cpu: string;
  readonly used_memory: string;
  readonly used_storage: string;
}

// What somebody may not see counts all the same, but only projects that they see are named.
const SCOPES = `
  WITH used AS (SELECT * FROM quota_usage()),
  taken AS (
    SELECT 'project' AS kind, project_id AS id, instances, cpu_millis, memory_bytes, storage_bytes FROM used
    UNION ALL
    SELECT 'tenant', current_setting('app.tenant'), sum(instances), least(coalesce(sum(cpu_millis), 0), 9007199254740991), least(coalesce(sum(memory_bytes), 0), 9007199254740991),
      least(coalesce(sum(storage_bytes), 0), 9007199254740991) FROM used)
  SELECT l.scope_kind AS kind, l.scope_id AS id, l.scope_name AS name, l.from_plan AS plan, l.instances, l.cpu_millis, l.memory_bytes, l.storage_bytes,
    CASE WHEN q.scope_id IS NULL THEN NULL ELSE jsonb_build_object('instances', q.instances, 'cpu_millis', q.cpu_millis, 'memory_bytes', q.memory_bytes,
      'storage_bytes', q.storage_bytes) END AS own,
    coalesce(t.instances, 0) AS used_instances, coalesce(t.cpu_millis, 0) AS used_cpu, coalesce(t.memory_bytes, 0) AS used_memory,
    coalesce(t.storage_bytes, 0) AS used_storage
  FROM quota_limits(NULL) l
  LEFT JOIN taken t ON t.kind = l.scope_kind AND t.id = l.scope_id
  LEFT JOIN quota q ON q.scope_kind = l.scope_kind AND q.scope_id = l.scope_id
  WHERE l.scope_kind = 'tenant' OR EXISTS (SELECT 1 FROM project p WHERE p.id = l.scope_id)
  ORDER BY l.scope_kind DESC, lower(l.scope_name), l.scope_id`;

/** Usage against quota of the tenant as which `sql` runs. Throws NOT_FOUND when there is no such tenant. */
export async function readQuota(sql: pg.ClientBase): Promise<QuotaView> {
  const { rows } = await sql.query<ScopeRow>(SCOPES);
  const [tenant, ...projects] = rows.map(presentScope);
  if (tenant === undefined) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  return { tenant, projects, largest: await readLargest(sql) };
}

async function readLargest(sql: pg.ClientBase): Promise<QuotaView['largest']> {
  const { rows } = await sql.query<{ id: string; name: string; project_id: string; cpu_millis: string; memory_bytes: string; storage_bytes: string }>(
    `SELECT id, name, project_id, cpu_millis, memory_bytes, storage_bytes FROM instance WHERE destroyed_at IS NULL
     ORDER BY memory_bytes DESC, cpu_millis DESC, id LIMIT ${LARGEST}`,
  );
  return rows.map(({ id, name, project_id: projectId, ...amounts }) => ({
    id,
    name,
    projectId,
    cpuMillis: Number(amounts.cpu_millis),
    memoryBytes: Number(amounts.memory_bytes),
    storageBytes: Number(amounts.storage_bytes),
  }));
}

function presentScope(row: ScopeRow): ScopeUsage {
  const { kind, id, name, plan, own } = row;
  const amount = (limit: number | string | null, used: string) => ({ limit: limit === null ? null : Number(limit), used: Number(used) });
  return {
    kind,
    id,
    name,
    plan,
    limits: own === null ? { instances: null, cpu: null, memory: null, storage: null } : presentLimits(own),
    instances: amount(row.instances, row.used_instances),
    cpuMillis: amount(row.cpu_millis, row.used_cpu),
    memoryBytes: amount(row.memory_bytes, row.used_memory),
    storageBytes: amount(row.storage_bytes, row.used_storage),
  };
}

/** Writes the limits of a tenant or a project. Throws VALIDATION_FAILED when a project would get more than its tenant has. */
export async function writeQuota(
  sql: pg.ClientBase,
  scope: { readonly kind: LimitScope; readonly id: string },
  limits: QuotaLimits,
  by: string,
): Promise<void> {
  if (scope.kind === 'project') await assertWithinTenant(sql, limits);
  await sql.query(
    `INSERT INTO quota (tenant_id, scope_kind, scope_id, instances, cpu_millis, memory_bytes, storage_bytes, last_updated_by)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, scope_kind, scope_id) DO UPDATE SET instances = excluded.instances, cpu_millis = excluded.cpu_millis,
       memory_bytes = excluded.memory_bytes, storage_bytes = excluded.storage_bytes, last_updated_by = excluded.last_updated_by, updated_at = now()`,
    [scope.kind, scope.id, ...limitValues(limits), by],
  );
}

async function assertWithinTenant(sql: pg.ClientBase, limits: QuotaLimits): Promise<void> {
  const { rows } = await sql.query<LimitColumns>("SELECT instances, cpu_millis, memory_bytes, storage_bytes FROM quota_limits('') WHERE scope_kind = 'tenant'");
  const [tenant] = rows;
  if (!tenant) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  const most = [tenant.instances, tenant.cpu_millis, tenant.memory_bytes, tenant.storage_bytes];
  const words = [String, cpuQuantity, bytesQuantity, bytesQuantity];
  const errors = limitValues(limits).flatMap((value, index) => {
    const limit = most[index] ?? null;
    if (value === null || limit === null || value <= Number(limit)) return [];
    return [{ path: `/${RESOURCES[index]}`, message: `is more than the tenant may have: ${words[index]?.(Number(limit))}` }];
  });
  if (errors.length > 0) throw new Failure('VALIDATION_FAILED', 'A project cannot have more than its tenant.', { errors });
}
