import { Router } from 'express';
import type { OutboundGuard } from '../../activities/platform/outbound.ts';
import type { Database } from '../../prisma/client.ts';
import { RolloutControl } from '../../workflows/contracts/rollout.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { controlRollout } from './control-rollout.ts';
import { createRollout } from './create-rollout.ts';
import { planRollout, presentPreview } from './plan-rollout.ts';
import type { RolloutPorts } from './ports.ts';
import * as contracts from './rollout.contracts.ts';
import { rolloutPolicy } from './rollout.policy.ts';
import { listRollouts, listTargets, showRollout } from './rollout-queries.ts';

export interface RolloutDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly outbound: OutboundGuard;
  readonly ports: RolloutPorts;
}

const read = { action: Action.read, policy: rolloutPolicy } as const;
const create = { action: Action.create, policy: rolloutPolicy } as const;
const operate = { action: Action.operate, policy: rolloutPolicy } as const;
const agree = { action: Action.use, policy: rolloutPolicy } as const;

const CONTROLS = [
  [contracts.approveRollout, RolloutControl.approve, agree],
  [contracts.rejectRollout, RolloutControl.reject, agree],
  [contracts.promoteRollout, RolloutControl.promote, agree],
  [contracts.pauseRollout, RolloutControl.pause, operate],
  [contracts.resumeRollout, RolloutControl.resume, operate],
  [contracts.abortRollout, RolloutControl.abort, operate],
  [contracts.rollbackRollout, RolloutControl.rollback, operate],
  [contracts.retryRollout, RolloutControl.retry, operate],
] as const;

/** Everything under `/rollouts`. */
export function rolloutRoutes({ kit: { mount }, database, outbound, ports }: RolloutDeps): Router {
  const router = Router();
  mount(router, contracts.listRollouts, read, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listRollouts(sql, actor, query)),
  }));
  mount(router, contracts.createRollout, create, async ({ body, context, once }) => {
    for (const { gate } of body.waves) for (const check of gate?.checks ?? []) if (check.kind === 'http') await outbound.check(check.url);
    return once(async (sql) => {
      const id = await createRollout(sql, context, ports, body);
      return { status: 201, body: await showRollout(sql, id), headers: { Location: `/api/v1/rollouts/${id}` } };
    });
  });
  mount(router, contracts.previewRollout, create, async ({ actor, body }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, async (sql) => presentPreview(await planRollout(sql, ports, actor, body))),
  }));
  mount(router, contracts.getRollout, read, async ({ actor, params }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => showRollout(sql, params.id)),
  }));
  mount(router, contracts.listRolloutTargets, read, async ({ actor, params, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listTargets(sql, params.id, query)),
  }));
  for (const [contract, control, right] of CONTROLS) {
    mount(router, contract, right, ({ params, body, context, once }) =>
      once(async (sql) => {
        await controlRollout(sql, context, params.id, control, body.comment ?? null);
        return { status: 202, body: await showRollout(sql, params.id) };
      }),
    );
  }
  return router;
}
