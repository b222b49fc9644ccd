import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { usagePolicy as policy } from './usage.policy.ts';
import { getInstanceUsage, getOverview } from './usage.schema.ts';
import { readInstanceUsage, readOverview } from './usage.service.ts';

/** What the tenant's claws use of models, and the fleet at a glance. */
export function usageRoutes({ kit: { mount }, database }: { kit: RouteKit; database: Database }): Router {
  const router = Router();

  mount(router, getOverview, { action: Action.read, policy }, async ({ actor }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => readOverview(sql)),
  }));

  mount(router, getInstanceUsage, { action: Action.read, policy }, async ({ actor, params }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => readInstanceUsage(sql, params.id)),
  }));

  return router;
}
