import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newId, newSecret, newSlug, secretHash } from '../../../activities/platform/ids.ts';
import { createSecretBox, type SecretBox } from '../../../activities/platform/secrets.ts';
import { IdPrefix } from '../../../workflows/contracts/ids.ts';
import type { ProviderKind } from '../../../workflows/contracts/model.ts';

/** A tenant with one instance that may call models. */
export interface TestTenant {
  readonly tenantId: string;
  readonly projectId: string;
  readonly instanceId: string;
  /** What the claw sends, `clk_…`. */
  readonly modelKey: string;
}

export interface NewProvider {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  readonly models: readonly string[];
  readonly state?: string;
}

/** A secret box with a key of its own. */
export function testSecretBox(): SecretBox {
  return createSecretBox({ current: 'test', keys: new Map([['test', new Uint8Array(randomBytes(32))]]) });
}

/** Makes a tenant, its project, a host, an instance and a model key, as the owner of the database. */
export async function addTenant(ownerUrl: string): Promise<TestTenant> {
  const ids = {
    tenant: newId(IdPrefix.tenant),
    project: newId(IdPrefix.project),
    host: newId(IdPrefix.host),
    instance: newId(IdPrefix.instance),
    key: newId(IdPrefix.modelKey),
  };
  const secret = newSecret();
  await asOwner(ownerUrl, async (sql) => {
    await sql.query("INSERT INTO tenant (id, name) VALUES ($1, 'Test')", [ids.tenant]);
    await sql.query("INSERT INTO project (id, tenant_id, name) VALUES ($1, $2, 'default')", [ids.project, ids.tenant]);
    await sql.query("INSERT INTO host (id, tenant_id, name, token_hash) VALUES ($1, $2, 'h', $1)", [ids.host, ids.tenant]);
    await sql.query(
      `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, created_by, last_updated_by)
       VALUES ($1, $2, $3, 'bot', $4, 'echo', '1.0.0', $5, '{}', 'usr_x', 'usr_x')`,
      [ids.instance, ids.tenant, ids.project, newSlug('bot'), ids.host],
    );
    await sql.query('INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash) VALUES ($1, $2, $3, $4, 1, $5)', [
      ids.key,
      ids.tenant,
      ids.project,
      ids.instance,
      secretHash(secret),
    ]);
  });
  return { tenantId: ids.tenant, projectId: ids.project, instanceId: ids.instance, modelKey: `${ids.key}_${secret}` };
}

/** Adds a provider as the API would have left it; answers its id. */
export async function addProvider(ownerUrl: string, secrets: SecretBox, tenantId: string, provider: NewProvider): Promise<string> {
  const id = newId(IdPrefix.provider);
  const credential = provider.apiKey === null ? null : await secrets.seal(provider.apiKey, `provider/${id}`);
  const values = [id, tenantId, provider.name, provider.kind, provider.baseUrl, provider.models, credential, provider.state ?? 'verified'];
  await asOwner(ownerUrl, (sql) =>
    sql.query(
      `INSERT INTO provider (id, tenant_id, name, kind, base_url, models, credential, state, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'usr_x')`,
      values,
    ),
  );
  return id;
}

/** Runs one statement or more as the owner, whom no row-level security hides anything from. */
export async function asOwner<T>(ownerUrl: string, work: (sql: pg.Client) => Promise<T>): Promise<T> {
  const sql = new pg.Client({ connectionString: ownerUrl });
  await sql.connect();
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Every value of every table as one text, to look for what must not be there. */
export async function dumpEverything(ownerUrl: string): Promise<string> {
  return asOwner(ownerUrl, async (sql) => {
    const tables = await sql.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'auth')",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await sql.query<{ text: string | null }>(`SELECT string_agg(t::text, E'\\n') AS text FROM ${name} t`);
      texts.push(rows[0]?.text ?? '');
    }
    return texts.join('\n');
  });
}
