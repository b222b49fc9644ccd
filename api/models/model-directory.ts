import type { ModelTarget } from '../../activities/clients/litellm/model-name.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { type ClawPolicy, violations } from '../../workflows/contracts/claw-policy.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL, type ProviderKind } from '../../workflows/contracts/model.ts';
import { policyFailure, readAllClawPolicies } from '../http/claw-policies.ts';
import { ExpiringCache } from './expiring-cache.ts';

/** A model a claw asked for, found. `provider` and `model` are what usage is counted under. */
export interface FoundModel {
  readonly provider: string;
  readonly model: string;
  readonly target: ModelTarget;
}

/** Whose models: a tenant has them, its policies and those of the project say which may be called. */
export interface ModelScope {
  readonly tenantId: string;
  readonly projectId: string;
}

/** The models of a tenant, by the names that claws use. */
export interface ModelDirectory {
  /** Finds `demo` or `<provider>/<model>`. Throws Failure MODEL_UNKNOWN or POLICY_VIOLATED. The answer holds the provider's key. */
  resolve(scope: ModelScope, name: string): Promise<FoundModel>;
  /** Every name that `resolve` finds, `demo` first. */
  list(scope: ModelScope): Promise<readonly { readonly id: string; readonly provider: string }[]>;
}

/** What is known of a tenant for a moment. */
interface TenantModels {
  readonly providers: readonly ProviderRow[];
  readonly policies: readonly ClawPolicy[];
}

interface ProviderRow {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly base_url: string | null;
  readonly models: readonly string[];
  readonly credential: string | null;
}

/** A provider that was removed may be called that long by its old key, and a model that was forbidden. */
const ROWS_MS = 2_000;
const OPENED_MS = 60_000;

/** Reads providers and opens their credentials; both are kept in memory for moments only. */
export function createModelDirectory(
  database: Database,
  secrets: SecretBox,
  options: { readonly cacheMs?: number; readonly now?: () => number } = {},
): ModelDirectory {
  const rows = new ExpiringCache<TenantModels>({ ttlMs: options.cacheMs ?? ROWS_MS, now: options.now });
  const opened = new ExpiringCache<string>({ ttlMs: OPENED_MS, maxEntries: 1_000, now: options.now });
  const modelsOf = (tenantId: string) =>
    rows.load(tenantId, () =>
      database.withTenantSql(tenantId, async (sql) => {
        const text = 'SELECT id, name, kind, base_url, models, credential FROM provider ORDER BY name';
        const { rows: providers } = await sql.query<ProviderRow>({ name: 'gateway-providers', text });
        return { providers, policies: await readAllClawPolicies(sql) };
      }),
    );
  const broken = (policies: readonly ClawPolicy[], { projectId }: ModelScope, name: string) =>
    violations(
      policies.filter(({ scope }) => scope.kind === 'tenant' || scope.id === projectId),
      { models: [name] },
    );
  return {
    resolve: async (scope, name) => {
      const { providers, policies } = await modelsOf(scope.tenantId);
      const assertAllowed = () => {
        const found = broken(policies, scope, name);
        if (found.length > 0) throw policyFailure(found, () => '/model');
      };
      if (name === DEMO_MODEL) {
        assertAllowed();
        return { provider: DEMO_MODEL, model: DEMO_MODEL, target: { kind: DEMO_MODEL } };
      }
      const { provider, model } = splitModelName(name);
      const row = providers.find((candidate) => candidate.name === provider);
      if (!row?.models.includes(model)) throw new Failure('MODEL_UNKNOWN', `There is no model called ${JSON.stringify(name.slice(0, 100))}.`);
      assertAllowed();
      const { credential } = row;
      const apiKey = credential === null ? null : await opened.load(credential, () => secrets.open(credential, `provider/${row.id}`));
      return { provider, model, target: { kind: row.kind, model, baseUrl: row.base_url, apiKey } };
    },
    list: async (scope) => {
      const { providers, policies } = await modelsOf(scope.tenantId);
      const all = [
        { id: DEMO_MODEL, provider: DEMO_MODEL },
        ...providers.flatMap(({ name, models }) => models.map((model) => ({ id: `${name}/${model}`, provider: name }))),
      ];
      return all.filter(({ id }) => broken(policies, scope, id).length === 0);
    },
  };
}

/** `acme/vendor/model` is the model `vendor/model` of the provider `acme`; without a slash it is a provider without a model. */
export function splitModelName(name: string): { readonly provider: string; readonly model: string } {
  const slash = name.indexOf('/');
  return slash < 0 ? { provider: name, model: '' } : { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}
