import type pg from 'pg';

/**
 * Runs `work` as another tenant inside a transaction of this one, seeing all of it, so that both commit together: the request stays
 * one that can be repeated. Afterwards the transaction is the first tenant's again; when `work` throws it must be rolled back.
 */
export async function asTenant<T>(sql: pg.ClientBase, tenantId: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql.query<{ tenant: string; projects: string }>(
    "SELECT current_setting('app.tenant', true) AS tenant, coalesce(current_setting('app.projects', true), '') AS projects",
  );
  const before = rows[0];
  await become(sql, tenantId, '');
  const result = await work();
  await become(sql, before?.tenant ?? '', before?.projects ?? '');
  return result;
}

async function become(sql: pg.ClientBase, tenantId: string, projects: string): Promise<void> {
  await sql.query("SELECT set_config('app.tenant', $1, true), set_config('app.projects', $2, true)", [tenantId, projects]);
}
