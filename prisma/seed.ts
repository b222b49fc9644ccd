import pg from 'pg';
import { newId, secretHash } from '../activities/platform/ids.ts';
import { IdPrefix } from '../workflows/contracts/ids.ts';

export interface SeedInput {
  readonly ownerUrl: string;
  /** Token of the machine's own bridge; only its hash is stored. */
  readonly hostToken: string;
  readonly hostName: string;
  /** Single-use set-up code; replaces an unused older one while nobody has an account. */
  readonly setupCode: string;
}

/** Makes what a fresh installation needs: the default tenant and project, this machine as first host, the set-up code. Repeatable. */
export async function seed({ ownerUrl, hostToken, hostName, setupCode }: SeedInput): Promise<{ setupNeeded: boolean }> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', ['seed']);
    const tenants = await client.query<{ id: string }>('SELECT id FROM tenant ORDER BY created_at LIMIT 1');
    const tenantId = tenants.rows[0]?.id ?? newId(IdPrefix.tenant);
    if (tenants.rowCount === 0) {
      await client.query('INSERT INTO tenant (id, name) VALUES ($1, $2)', [tenantId, 'Default']);
      await client.query('INSERT INTO project (id, tenant_id, name) VALUES ($1, $2, $3)', [newId(IdPrefix.project), tenantId, 'default']);
    }
    await client.query('INSERT INTO host (id, tenant_id, name, token_hash) VALUES ($1, NULL, $2, $3) ON CONFLICT (token_hash) DO NOTHING', [
      newId(IdPrefix.host),
      hostName,
      secretHash(hostToken),
    ]);
    const users = await client.query('SELECT 1 FROM membership LIMIT 1');
    const setupNeeded = users.rowCount === 0;
    if (setupNeeded) {
      await client.query(
        'INSERT INTO auth.setup_code (id, hash) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, used_at = NULL, created_at = now()',
        ['setup', secretHash(setupCode)],
      );
    }
    await client.query('COMMIT');
    return { setupNeeded };
  } finally {
    await client.end();
  }
}

if (import.meta.main) {
  const { DATABASE_URL_OWNER, SEED_HOST_TOKEN, SEED_HOST_NAME = 'this-machine', SEED_SETUP_CODE } = process.env;
  if (!DATABASE_URL_OWNER || !SEED_HOST_TOKEN || !SEED_SETUP_CODE) {
    console.error('set DATABASE_URL_OWNER, SEED_HOST_TOKEN and SEED_SETUP_CODE');
    process.exit(1);
  }
  const result = await seed({ ownerUrl: DATABASE_URL_OWNER, hostToken: SEED_HOST_TOKEN, hostName: SEED_HOST_NAME, setupCode: SEED_SETUP_CODE });
  console.log(JSON.stringify(result));
}
