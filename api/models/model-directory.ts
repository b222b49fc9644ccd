import type { ModelTarget } from '../../activities/clients/litellm/model-name.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL, type ProviderKind } from '../../workflows/contracts/model.ts';
import { ExpiringCache } from './expiring-cache.ts';

/** A model a claw asked for, found. `provider` and `model` are what usage is counted under. */
export interface FoundModel {
  readonly provider: string;
  readonly model: string;
  readonly target: ModelTarget;
}

/** The models of a tenant, by the names that claws use. */
export interface ModelDirectory {
  /** Finds `demo` or `<provider>/<model>`. Throws Failure MODEL_UNKNOWN. The answer holds the provider's key. */
  resolve(tenantId: string, name: string): Promise<FoundModel>;
  /** Every name that `resolve` finds, `demo` first. */
  list(tenantId: string): Promise<readonly { readonly id: string; readonly provider: string }[]>;
}

interface ProviderRow {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly base_url: string | null;
  readonly models: readonly string[];
  readonly credential: string | null;
}

/** A provider that was removed may be called that long by its old key. */
const ROWS_MS = 2_000;
const OPENED_MS = 60_000;

/** Reads providers and opens their credentials; both are kept in memory for moments only. */
export function createModelDirectory(
  database: Database,
  secrets: SecretBox,
  options: { readonly cacheMs?: number; readonly now?: () => number } = {},
): ModelDirectory {
  const rows = new ExpiringCache<readonly ProviderRow[]>({ ttlMs: options.cacheMs ?? ROWS_MS, now: options.now });
  const opened = new ExpiringCache<string>({ ttlMs: OPENED_MS, maxEntries: 1_000, now: options.now });
  const providersOf = (tenantId: string) =>
    rows.load(tenantId, () =>
      database.withTenantSql(tenantId, async (sql) => {
        const text = 'SELECT id, name, kind, base_url, models, credential FROM provider ORDER BY name';
        return (await sql.query<ProviderRow>({ name: 'gateway-providers', text })).rows;
      }),
    );
  return {
    resolve: async (tenantId, name) => {
      if (name === DEMO_MODEL) return { provider: DEMO_MODEL, model: DEMO_MODEL, target: { kind: DEMO_MODEL } };
      const { provider, model } = splitModelName(name);
      const row = (await providersOf(tenantId)).find((candidate) => candidate.name === provider);
      if (!row?.models.includes(model)) throw new Failure('MODEL_UNKNOWN', `There is no model called ${JSON.stringify(name.slice(0, 100))}.`);
      const { credential } = row;
      const apiKey = credential === null ? null : await opened.load(credential, () => secrets.open(credential, `provider/${row.id}`));
      return { provider, model, target: { kind: row.kind, model, baseUrl: row.base_url, apiKey } };
    },
    list: async (tenantId) => {
      const providers = await providersOf(tenantId);
      return [
        { id: DEMO_MODEL, provider: DEMO_MODEL },
        ...providers.flatMap(({ name, models }) => models.map((model) => ({ id: `${name}/${model}`, provider: name }))),
      ];
    },
  };
}

/** `acme/vendor/model` is the model `vendor/model` of the provider `acme`; without a slash it is a provider without a model. */
export function splitModelName(name: string): { readonly provider: string; readonly model: string } {
  const slash = name.indexOf('/');
  return slash < 0 ? { provider: name, model: '' } : { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}
