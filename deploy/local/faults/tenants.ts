import createClient from 'openapi-fetch';
import type { components, paths } from '../../../frontend/src/api/schema.d.ts';
import { type Fleet, ok } from '../testing/fleet.ts';
import { registerEcho } from './echo-claw.ts';

/** What is left when everything of a tenant is wiped: its audit, and what goes by itself once the object store and the engine have heard of it. */
const KEPT = ['audit_event', 'audit_head', 'log_archive', 'outbox'];

/** Another tenant of the first administrator, who works in it with a key of its own; the light claw type is registered there. */
export async function newTenant(fleet: Fleet): Promise<{ readonly tenant: components['schemas']['Tenant']; readonly own: Fleet }> {
  const { tenant } = ok(await fleet.api.POST('/tenants', { body: { name: 'Doomed' } }));
  const { url } = fleet.platform;
  const entered = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(fleet.admin),
  });
  const cookie = entered.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const baseUrl = `${url}/api/v1`;
  const there = createClient<paths>({ baseUrl, headers: { cookie, origin: url, 'x-tenant': tenant.id } });
  const { secret: apiKey } = ok(await there.POST('/api-keys', { body: { name: 'suite' } }));
  const own = { ...fleet, tenantId: tenant.id, apiKey, api: createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${apiKey}` } }) };
  await registerEcho(own);
  return { tenant, own };
}

/** Tables that still hold rows of this tenant, but for what is kept of every tenant. */
export async function rowsOf(fleet: Fleet, tenantId: string): Promise<string[]> {
  const { rows: tables } = await fleet.database.query<{ name: string }>(
    `SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' AND c.table_name <> ALL ($1) ORDER BY 1`,
    [KEPT],
  );
  const found: string[] = [];
  for (const { name } of tables)
    if ((await fleet.database.query(`SELECT 1 FROM "${name}" WHERE tenant_id = $1 LIMIT 1`, [tenantId])).rowCount) found.push(name);
  return found;
}
