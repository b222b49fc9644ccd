import { z } from 'zod';
import type { Database } from '../../prisma/client.ts';
import { recordFleetEvents } from '../../prisma/fleet-event.ts';

/** The part of better-auth's answer that says who signed in. Its token stays where it is. */
const signedIn = z.object({ user: z.object({ id: z.string(), name: z.string() }) });

/** Tells every tenant that the session is good in that the person signed in. `body`: the answer of better-auth as JSON. */
export async function recordSignIn(database: Database, body: unknown, requestId: string, ssoTenantId: string | null = null): Promise<void> {
  const { id, name } = signedIn.parse(body).user;
  const { rows } = await database.pool.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM lookup_memberships($1) WHERE CASE WHEN $2::text IS NULL THEN NOT sso_required ELSE tenant_id = $2 END',
    [id, ssoTenantId],
  );
  for (const { tenant_id: tenantId } of rows) {
    const event = { tenantId, type: 'person.signed-in', subject: { kind: 'person', id, name }, actor: { kind: 'person', id }, requestId, data: {} } as const;
    await database.withTenantSql(tenantId, (sql) => recordFleetEvents(sql, '/api', [event]));
  }
}
