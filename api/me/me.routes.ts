import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Role } from '../http/account.schema.ts';
import { Action, type Policy, rulesOf } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { mePolicy } from './me.policy.ts';
import { getMe } from './me.schema.ts';

export interface MeDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  /** Every policy there is, for the caller's abilities. */
  readonly policies: readonly Policy[];
}

/** `GET /me`. */
export function meRoutes({ kit, database, policies }: MeDeps): Router {
  const router = Router();
  kit.mount(router, getMe, { action: Action.read, policy: mePolicy }, async ({ actor }) => {
    const user = await database.root.user.findUnique({ where: { id: actor.userId }, select: { id: true, name: true, email: true } });
    if (!user) throw new Failure('UNAUTHENTICATED');
    const memberships = await database.pool.query<{ tenant_id: string; tenant_name: string; role: Role }>('SELECT * FROM lookup_memberships($1)', [
      actor.userId,
    ]);
    const tenants = memberships.rows.map((row) => ({ id: row.tenant_id, name: row.tenant_name, role: row.role }));
    const project = await database.withTenantSql(actor.tenantId, async (sql) => {
      const { rows } = await sql.query<{ id: string; name: string }>('SELECT id, name FROM project ORDER BY created_at, id LIMIT 1');
      return rows[0];
    });
    const abilities = rulesOf(actor, policies);
    return {
      status: 200,
      body: { user, tenant: { id: actor.tenantId, name: actor.tenantName, role: actor.role }, tenants, project, auth: actor.auth, abilities },
    };
  });
  return router;
}
