import { Router } from 'express';
import type pg from 'pg';
import { Action } from '../http/authorize.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { personPolicy, suspensionPolicy } from './person.policy.ts';
import * as contracts from './person.schema.ts';
import * as service from './person.service.ts';

export interface PersonDeps {
  readonly kit: RouteKit;
  /** Role clawloops_system: people of all tenants. */
  readonly systemPool: pg.Pool;
  /** Asks for the end of every claw of a person in a tenant; answers how many. */
  readonly stopClaws: (context: RequestContext, tenantId: string, userId: string) => Promise<number>;
}

/** Keeping people out: of the platform, and of one tenant. */
export function personRoutes({ kit: { mount }, systemPool, stopClaws }: PersonDeps): Router {
  const router = Router();

  mount(router, contracts.listPeople, { action: Action.read, policy: personPolicy }, async ({ query }) => ({
    status: 200,
    body: await service.listPeople(systemPool, query),
  }));

  mount(router, contracts.disablePerson, { action: Action.update, policy: personPolicy }, async ({ params, body, context, once }) => {
    await once(async (sql) => {
      await service.disablePerson(sql, context, params.userId);
      return { status: 204 };
    }, 'disable');
    let clawsStopped = 0;
    if (body.stopClaws)
      for (const tenantId of await service.tenantsOf(systemPool, params.userId)) clawsStopped += await stopClaws(context, tenantId, params.userId);
    return { status: 200, body: { clawsStopped } };
  });

  mount(router, contracts.enablePerson, { action: Action.update, policy: personPolicy }, ({ params, context, once }) =>
    once(async (sql) => {
      await service.enablePerson(sql, context, params.userId);
      return { status: 204 };
    }),
  );

  mount(router, contracts.requirePasswordChange, { action: Action.update, policy: personPolicy }, ({ params, context, once }) =>
    once(async (sql) => {
      await service.requirePasswordChange(sql, context, params.userId);
      return { status: 204 };
    }),
  );

  mount(router, contracts.suspendMember, { action: Action.update, policy: suspensionPolicy }, async ({ params, body, actor, context, once }) => {
    await once(async (sql) => {
      await service.suspendMember(sql, context, params.userId);
      return { status: 204 };
    }, 'suspend');
    return { status: 200, body: { clawsStopped: body.stopClaws ? await stopClaws(context, actor.tenantId, params.userId) : 0 } };
  });

  mount(router, contracts.resumeMember, { action: Action.update, policy: suspensionPolicy }, ({ params, context, once }) =>
    once(async (sql) => {
      await service.resumeMember(sql, context, params.userId);
      return { status: 204 };
    }),
  );
  return router;
}
