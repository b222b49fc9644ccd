import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

/** Tables of no tenant. Everything else in `public` must be protected. */
const EXEMPT = ['_prisma_migrations', 'platform_process', 'log_level', 'platform_role', 'plan', 'data_key', 'key_rotation'];

let world: ApiWorld;
let mine: string;
let theirs: string;

beforeAll(async () => {
  world = await openApiWorld();
  const key = await setUp(world);
  const hostId = await hostOnline(world);
  await world.call(
    'POST /instances',
    { name: 'mine', labels: { team: 'a' }, resources: { cpu: '10m', memory: '64Mi' } },
    { key, headers: { 'idempotency-key': 'mine' } },
  );
  await world.call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] }, { key });
  await world.call('POST /me/views', { name: 'mine', query: {} }, { key });
  await world.call('POST /invitations', { emails: ['guest@example.com'], role: 'viewer' }, { key });
  const [instance] = await world.rows<{ id: string; tenant_id: string; project_id: string }>('SELECT id, tenant_id, project_id FROM instance');
  mine = instance!.tenant_id;
  theirs = (await addStranger(world)).tenantId;
  await world.rows("INSERT INTO claw_type (id, tenant_id, name, manifest, created_by) VALUES ('typ_1', $1, 'echo', '{}', 'usr')", [mine]);
  await world.rows("INSERT INTO workload (instance_id, tenant_id, host_id, generation, desired, document) VALUES ($1, $2, $3, 1, 'running', '{}')", [
    instance!.id,
    mine,
    hostId,
  ]);
  await world.rows("INSERT INTO host_fact (host_id, tenant_id, instance_id, seq, fact) VALUES ($1, $2, $3, 1, '{}')", [hostId, mine, instance!.id]);
  await world.rows("INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash) VALUES ('clk_1', $1, $2, $3, 1, 'h')", [
    mine,
    instance!.project_id,
    instance!.id,
  ]);
  await world.rows(
    `INSERT INTO usage_record (id, tenant_id, project_id, instance_id, provider, model, path, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms)
     VALUES ('usg_1', $1, $2, $3, 'p', 'm', '/v1', 200, false, 1, 1, 1, 1)`,
    [mine, instance!.project_id, instance!.id],
  );
  await world.rows(
    `INSERT INTO instance_metric (instance_id, step_seconds, at, tenant_id, samples, cpu_millicores, cpu_millicores_max, memory_bytes, memory_bytes_max, processes_max, restarts_total)
     VALUES ($2, 0, now(), $1, 1, 1, 1, 1, 1, 1, 0)`,
    [mine, instance!.id],
  );
  await world.rows(
    `INSERT INTO host_metric (host_id, step_seconds, at, tenant_id, samples, cpu_millicores, cpu_millicores_max, memory_bytes, memory_bytes_max, disk_used_bytes, disk_total_bytes, load1)
     VALUES ('hst_private', 0, now(), $1, 1, 1, 1, 1, 1, 1, 1, 1)`,
    [mine],
  );
  await world.rows(
    `INSERT INTO log_archive (id, tenant_id, instance_id, from_at, to_at, bytes, raw_bytes, lines, sha256, object_key)
     VALUES ('lga_1', $1, $2, now(), now(), 1, 1, 1, 'x', 'k')`,
    [mine, instance!.id],
  );
  await world.rows("INSERT INTO mail_message (id, tenant_id, recipient, template, locale) VALUES ('mai_1', $1, 'a@example.com', 'invitation', 'en')", [mine]);
  await world.rows("INSERT INTO project_grant (tenant_id, project_id, user_id, role) SELECT $1, $2, user_id, 'viewer' FROM membership WHERE tenant_id = $1", [
    mine,
    instance!.project_id,
  ]);
  await world.rows(
    `INSERT INTO claw_entry (id, tenant_id, instance_id, user_id, session_id, language, code_hash, code_expires_at, expires_at)
     VALUES ('ent_1', $1, $2, 'usr', 'session', 'en', 'h', now(), now() + interval '1 minute')`,
    [mine, instance!.id],
  );
  await world.rows(
    `INSERT INTO rollout (id, tenant_id, name, change, paths, selector, plan, targets, phase, created_by)
     VALUES ('rol_1', $1, 'r', '{}', '{}', '{}', '{}', 1, 'Progressing', 'usr')`,
    [mine],
  );
  await world.rows("INSERT INTO rollout_wave (rollout_id, tenant_id, wave, targets) VALUES ('rol_1', $1, 0, 1)", [mine]);
  await world.rows("INSERT INTO rollout_target (rollout_id, tenant_id, instance_id, wave, position) VALUES ('rol_1', $1, $2, 0, 1)", [mine, instance!.id]);
  await world.rows(
    "INSERT INTO rollout_approval (id, tenant_id, rollout_id, subject, decision, user_id) VALUES ('apv_1', $1, 'rol_1', 'start', 'approve', 'usr')",
    [mine],
  );
  await world.rows("INSERT INTO rollout_verdict (rollout_id, seq, tenant_id, wave, decision, checks) VALUES ('rol_1', 0, $1, 0, 'hold', '[]')", [mine]);
  await world.rows("INSERT INTO tenant_plan (tenant_id, plan, last_updated_by) VALUES ($1, 'unlimited', 'usr')", [mine]);
  await world.rows("INSERT INTO quota (tenant_id, scope_kind, scope_id, last_updated_by) VALUES ($1, 'tenant', $1, 'usr')", [mine]);
  await world.rows("INSERT INTO claw_policy (tenant_id, scope_kind, scope_id, rules, last_updated_by) VALUES ($1, 'tenant', $1, '{}', 'usr')", [mine]);
  await world.rows(
    `INSERT INTO notification (id, tenant_id, user_id, kind, subject_id, subject_name, data, dedupe_key)
     VALUES ('ntf_1', $1, 'usr', 'rollout-held', 'rol', 'rollout', '{}', 'k')`,
    [mine],
  );
  await world.rows("INSERT INTO notification_setting (tenant_id, user_id, portal, mail, locale) VALUES ($1, 'usr', '{}', '{}', 'en')", [mine]);
  await world.rows(
    "INSERT INTO config (id, tenant_id, level, type, name, created_by, last_updated_by) VALUES ('cfg_1', $1, 'template', 'openclaw', 't', 'usr', 'usr')",
    [mine],
  );
  await world.rows("INSERT INTO config_version (config_id, version, tenant_id, document, created_by) VALUES ('cfg_1', 1, $1, '{}', 'usr')", [mine]);
  await world.rows("INSERT INTO config_secret (tenant_id, name, sealed, created_by, last_updated_by) VALUES ($1, 's', 'x', 'usr', 'usr')", [mine]);
  await world.rows(
    `INSERT INTO sso_connection (tenant_id, name, issuer, client_id, scopes, enabled, enforced, created_by, last_updated_by)
     VALUES ($1, 'Acme', 'https://id.example.com', 'c', '{openid}', true, false, 'usr', 'usr')`,
    [mine],
  );
  await world.rows("INSERT INTO sso_domain (domain, tenant_id) VALUES ('acme.example', $1)", [mine]);
  await world.rows("INSERT INTO sso_identity (tenant_id, issuer, subject, user_id) SELECT $1, 'i', 's', user_id FROM membership WHERE tenant_id = $1", [mine]);
  await world.rows("INSERT INTO host (id, tenant_id, name, token_hash) VALUES ('hst_private', $1, 'private', 'h')", [mine]);
});

afterAll(() => world.close());

async function tables(): Promise<string[]> {
  const rows = await world.rows<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  return rows.map(({ name }) => name).filter((name) => !EXEMPT.includes(name));
}

/** Runs as the application role, in this tenant's context or in none. */
async function asTenant<T>(tenantId: string | null, work: (sql: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: world.database.appUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    if (tenantId !== null) await client.query("SELECT set_config('app.tenant', $1, true)", [tenantId]);
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

const ownerColumn = (table: string) => (table === 'tenant' ? 'id' : 'tenant_id');

it('forces row-level security with a policy on every table', async () => {
  const unprotected = await world.rows(
    `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> ALL($1)
       AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname))`,
    [EXEMPT],
  );
  expect(unprotected).toEqual([]);
});

it('has a row of the tenant in every table, so that the next tests prove something', async () => {
  for (const table of await tables()) {
    expect(await world.rows(`SELECT 1 FROM ${table} WHERE ${ownerColumn(table)} = $1 LIMIT 1`, [mine]), table).toHaveLength(1);
  }
});

it("lets nobody read another tenant's row in any table", async () => {
  for (const table of await tables()) {
    const seen = await asTenant(theirs, (sql) => sql.query(`SELECT 1 FROM ${table} WHERE ${ownerColumn(table)} = $1`, [mine]));
    expect(seen.rowCount, table).toBe(0);
  }
});

it('shows a transaction without a tenant no row of any tenant', async () => {
  for (const table of await tables()) {
    const seen = await asTenant(null, (sql) => sql.query(`SELECT 1 FROM ${table} WHERE ${ownerColumn(table)} IS NOT NULL`));
    expect(seen.rowCount, table).toBe(0);
  }
});

it("lets nobody change, remove or hand over another tenant's row", async () => {
  for (const table of await tables()) {
    const column = ownerColumn(table);
    const removed = await asTenant(theirs, (sql) =>
      sql.query(`DELETE FROM ${table} WHERE ${column} = $1`, [mine]).catch((error: { code: string }) => error.code),
    );
    expect(typeof removed === 'string' ? removed : removed.rowCount, table).toBeOneOf([0, '42501']);
    const taken = await asTenant(theirs, (sql) =>
      sql.query(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [mine, theirs]).catch((error: { code: string }) => error.code),
    );
    expect(typeof taken === 'string' ? taken : taken.rowCount, table).toBeOneOf([0, '42501']);
    const given = await asTenant(mine, (sql) =>
      sql.query(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [mine, theirs]).then(
        ({ rowCount }) => rowCount,
        (error: { code: string }) => error.code,
      ),
    );
    expect(given, table).toBeOneOf([0, '42501', '23503', '23505']);
  }
});

it('lets nobody rewrite or shorten the audit chain', async () => {
  for (const statement of ["UPDATE audit_event SET action = 'x'", 'DELETE FROM audit_event']) {
    await expect(asTenant(mine, (sql) => sql.query(statement))).rejects.toMatchObject({ code: '42501' });
  }
});

it('gives neither role of the product a way around the policies', async () => {
  const roles = await world.rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 'clawloops%' AND (rolsuper OR rolbypassrls)");
  expect(roles).toEqual([]);
});
