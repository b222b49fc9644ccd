import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { unifiedConfig } from '../../activities/adapters/config/resolve.ts';
import { layersOf } from '../../prisma/config-layers.ts';
import { type ClawPolicy, newViolations, type PolicySubject, type Violation, violations } from '../../workflows/contracts/claw-policy.ts';
import { Failure, type FieldError, isFailure } from '../../workflows/contracts/failures.ts';
import type { ConfigOverride, InstanceSpec } from '../../workflows/contracts/instance.ts';
import { bytesQuantity, cpuQuantity } from '../../workflows/contracts/quantities.ts';
import type { LimitScope, QuotaResource } from '../../workflows/contracts/quota.ts';
import { policyFailure, readAllClawPolicies, readClawPolicies } from '../http/claw-policies.ts';
import type { ClawCatalog } from './ports.ts';

/** What a new or changed claw is judged by. `base`: where the request holds the spec. */
export interface Judged {
  readonly adapter: ClawAdapter;
  readonly projectId: string;
  readonly spec: InstanceSpec;
  /** The spec as it was: only what the change brings is refused. */
  readonly before?: InstanceSpec;
  readonly base?: string;
}

/** Throws POLICY_VIOLATED when the tenant or the project does not allow such a claw. */
export async function assertPolicies(sql: pg.ClientBase, { adapter, projectId, spec, before, base = '' }: Judged): Promise<void> {
  const policies = await readClawPolicies(sql, projectId);
  if (policies.length === 0) return;
  const subject = await subjectOf(sql, adapter, spec, policies);
  const found = before === undefined ? violations(policies, subject) : newViolations(policies, await subjectOf(sql, adapter, before, policies), subject);
  if (found.length > 0) throw policyFailure(found, (violation) => base + pathOf(violation, spec.config.overrides) || '/');
}

/** Why these instances must not be brought up as they are, by id; empty for those that may. */
export async function policyRefusals(sql: pg.ClientBase, catalog: ClawCatalog, ids: readonly string[]): Promise<ReadonlyMap<string, Failure>> {
  const refused = new Map<string, Failure>();
  const policies = await readAllClawPolicies(sql);
  if (policies.length === 0) return refused;
  const { rows } = await sql.query<{ id: string; type: string; projectId: string; spec: InstanceSpec }>(
    'SELECT id, type, project_id AS "projectId", spec FROM instance WHERE id = ANY($1) AND destroyed_at IS NULL',
    [ids],
  );
  const adapters = new Map<string, ClawAdapter>();
  for (const { id, type, projectId, spec } of rows) {
    const adapter = adapters.get(type) ?? (await catalog.find(sql, type));
    adapters.set(type, adapter);
    const held = policies.filter(({ scope }) => scope.kind === 'tenant' || scope.id === projectId);
    const failure = await refusalOf(sql, adapter, spec, held);
    if (failure) refused.set(id, failure);
  }
  return refused;
}

async function refusalOf(sql: pg.ClientBase, adapter: ClawAdapter, spec: InstanceSpec, policies: readonly ClawPolicy[]): Promise<Failure | null> {
  try {
    const found = violations(policies, await subjectOf(sql, adapter, spec, policies));
    return found.length > 0 ? policyFailure(found) : null;
  } catch (error) {
    // Settings that its version does not take: what starting it would be refused for as well.
    if (isFailure(error)) return error;
    throw error;
  }
}

async function subjectOf(
  sql: pg.ClientBase,
  adapter: ClawAdapter,
  { type, version, replicas, config }: InstanceSpec,
  policies: readonly ClawPolicy[],
): Promise<PolicySubject> {
  const judged = policies.some(({ rules }) => rules.models !== null);
  return { type, version, replicas, models: judged ? modelsOf(unifiedConfig(adapter, version, config, await layersOf(sql, config))) : [] };
}

/** The models that a unified config names, defaults included; none for a type without models. */
function modelsOf(config: unknown): readonly string[] {
  const { model } = (config ?? {}) as { readonly model?: { readonly name?: unknown; readonly fallbacks?: unknown } };
  const named = [model?.name, ...(Array.isArray(model?.fallbacks) ? model.fallbacks : [])];
  return named.filter((name): name is string => typeof name === 'string');
}

function pathOf({ rule, value }: Violation, overrides: readonly ConfigOverride[]): string {
  if (rule === 'types') return '/type';
  if (rule === 'versions') return '/version';
  if (rule !== 'models') return '';
  const index = overrides.findIndex((override) => JSON.stringify(override.value)?.includes(JSON.stringify(value)));
  return index < 0 ? '/config' : `/config/overrides/${index}/value`;
}

interface ExceededRow {
  readonly scope_kind: LimitScope;
  readonly scope_name: string;
  readonly from_plan: string | null;
  readonly resource: QuotaResource;
  readonly most: string;
  readonly used: string;
  readonly wanted: string;
}

/** Lets no other admission of the tenant look at its usage until the transaction ends. Call it before an instance or a host is locked. */
export async function lockQuota(sql: pg.ClientBase): Promise<void> {
  await sql.query('SELECT lock_quota()');
}

/**
 * Makes sure that the amounts of this spec fit the quotas of tenant and project, and that they still do when the transaction commits.
 * `instanceId` is null for a new one; of an existing one only what it would have more of can be refused. Throws QUOTA_EXCEEDED.
 */
export async function reserveQuota(sql: pg.ClientBase, projectId: string, instanceId: string | null, spec: InstanceSpec, base = ''): Promise<void> {
  const { rows } = await sql.query<ExceededRow>('SELECT * FROM exceeded_quotas($1, $2, $3)', [projectId, instanceId, JSON.stringify(spec)]);
  if (rows.length === 0) return;
  const errors: FieldError[] = rows.map((row) => ({
    path: row.resource === 'instances' ? base || '/' : `${base}/resources/${row.resource}`,
    message: sentence(row),
  }));
  const whom = rows.some(({ scope_kind: kind }) => kind === 'tenant') ? 'an administrator of the platform' : 'an owner or admin of the tenant';
  throw new Failure('QUOTA_EXCEEDED', errors.map(({ message }) => message).join(' '), {
    errors,
    nextStep: `Ask for less, destroy what is no longer needed, or ask ${whom} for a larger quota.`,
  });
}

const WORDS: Readonly<Record<QuotaResource, string>> = { instances: 'Instances', cpu: 'CPU', memory: 'Memory', storage: 'Storage' };

function sentence({ scope_kind: kind, scope_name: name, from_plan: plan, resource, most, used, wanted }: ExceededRow): string {
  const [all, taken, more] = [most, used, wanted].map((amount) => amountText(resource, Number(amount)));
  const source = plan === null ? '' : ` (plan ${plan})`;
  return `${WORDS[resource]} of the ${kind} ${name}${source}: ${taken} of ${all} taken, ${more} more needed.`;
}

function amountText(resource: QuotaResource, amount: number): string {
  if (resource === 'instances') return String(amount);
  return resource === 'cpu' ? cpuQuantity(amount) : bytesQuantity(amount);
}
