import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Action, abilityOf } from '../http/authorize.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { accountEventPolicy, eventPolicy } from './event.policy.ts';
import * as contracts from './event.schema.ts';
import { listEvents } from './event-queries.ts';

const read = { action: Action.read, policy: eventPolicy } as const;

/** What happened, in the tenant and to one instance. */
export function eventRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, contracts.listEvents, read, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listEvents(sql, { ...query, withAccounts: seesAccounts(actor) })),
  }));
  kit.mount(router, contracts.listInstanceEvents, read, async ({ actor, params, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, async (sql) => {
      const { rowCount } = await sql.query('SELECT 1 FROM instance WHERE id = $1', [params.id]);
      if (!rowCount) throw new Failure('NOT_FOUND', 'There is no such instance.');
      return listEvents(sql, { ...query, instance: params.id, withAccounts: false });
    }),
  }));
  return router;
}

function seesAccounts(actor: Actor): boolean {
  return abilityOf(actor, [accountEventPolicy]).can(Action.read, accountEventPolicy.subject);
}
