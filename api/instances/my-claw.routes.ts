import { Router } from 'express';
import { Action } from '../http/authorize.ts';
import { findOperation } from '../http/operation-queries.ts';
import { hold } from './hold.ts';
import type { InstanceDeps } from './instance.routes.ts';
import { getInstance } from './instance-queries.ts';
import { myClawPolicy } from './my-claw.policy.ts';
import * as contracts from './my-claw.schema.ts';
import { createMyClaw, readMyClaw } from './my-claw.ts';

const read = { action: Action.read, policy: myClawPolicy } as const;
const create = { action: Action.create, policy: myClawPolicy } as const;

/** One claw for each person. It is made in a project that the person need not see, so what they see otherwise does not limit it. */
export function myClawRoutes(deps: InstanceDeps): Router {
  const router = Router();
  const { kit, database, catalog } = deps;
  kit.mount(router, contracts.getMyClaw, read, async ({ actor }) => ({
    status: 200,
    body: await database.within(null, () => database.withTenantSql(actor.tenantId, (sql) => readMyClaw(sql, actor.tenantId, actor.userId, catalog))),
  }));
  kit.mount(router, contracts.createMyClaw, create, async (call) => {
    const { actor, context, body, query, signal } = call;
    const reply = await database.within(null, () =>
      call.once(async (sql) => {
        const created = await createMyClaw(sql, context, catalog, body.type);
        if (!created) return { status: 200, body: await readMyClaw(sql, actor.tenantId, actor.userId, catalog) };
        const operation = await findOperation(sql, created.operationId);
        const instance = await getInstance(sql, created.instanceId, catalog);
        return { status: 202, body: { operation, instance }, headers: { Location: `/api/v1/operations/${created.operationId}` } };
      }),
    );
    return reply.status === 202 ? hold(deps, reply, query.wait, actor.tenantId, signal) : reply;
  });
  return router;
}
