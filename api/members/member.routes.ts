import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { memberPolicy, membershipPolicy } from './member.policy.ts';
import { changeMember, listMembers, removeMember } from './member.schema.ts';
import { changeRole, removeMember as remove } from './member.service.ts';
import { listMembers as list } from './member-queries.ts';

/** Everything under `/members`: who belongs to the caller's tenant. */
export function memberRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, listMembers, { action: Action.read, policy: memberPolicy }, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => list(sql, query)),
  }));
  kit.mount(router, changeMember, { action: Action.update, policy: memberPolicy }, async ({ actor, params, body, context }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => changeRole(sql, context, params.userId, body.role)),
  }));
  kit.mount(router, removeMember, { action: Action.remove, policy: membershipPolicy }, async ({ actor, params, context }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => remove(sql, context, params.userId)),
  }));
  return router;
}
