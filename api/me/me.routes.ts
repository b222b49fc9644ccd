import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Role, TenantState } from '../http/account.schema.ts';
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
    const memberships = await database.pool.query<TenantRow>('SELECT tenant_id, tenant_name, tenant_state, role FROM lookup_memberships($1)', [actor.userId]);
    const known = memberships.rows.filter((row) => !actor.sso || row.tenant_id === actor.tenantId);
    const tenants = known.map((row) => ({ id: row.tenant_id, name: row.tenant_name, state: row.tenant_state, role: row.role }));
    const project = await database.withTenantSql(actor.tenantId, async (sql) => {
      const { rows } = await sql.query<{ id: string; name: string }>('SELECT id, name FROM project WHERE deleted_at IS NULL ORDER BY created_at, id LIMIT 1');
      return rows[0] ?? null;
    });
    const { tenantId, tenantName, tenantState, role, grants, platformRole, visiting, auth } = actor;
    const tenant = { id: tenantId, name: tenantName, state: tenantState, role };
    return { status: 200, body: { user, tenant, tenants, project, grants, platformRole, visiting, auth, abilities: rulesOf(actor, policies) } };
  });
  return router;
}

interface TenantRow {
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly tenant_state: TenantState;
  readonly role: Role;
}
