import type { Client } from '@temporalio/client';
import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { ENDED_STATES, OperationControl, type OperationView } from '../../workflows/contracts/operation.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { findOperation, listOperations } from '../http/operation-queries.ts';
import type { RouteKit } from '../http/route.ts';
import { controlOperation } from './control-operation.ts';
import { operationPolicy } from './operation.policy.ts';
import * as contracts from './operation.schema.ts';
import type { OperationWaiter } from './operation-waiter.ts';

export interface OperationDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly temporal: Client;
  readonly waiter: OperationWaiter;
}

const read = { action: Action.read, policy: operationPolicy } as const;
const operate = { action: Action.operate, policy: operationPolicy } as const;

const CONTROLS = [
  [contracts.retryNowOperation, OperationControl.retryNow],
  [contracts.giveUpOperation, OperationControl.giveUp],
  [contracts.cancelOperation, OperationControl.cancel],
] as const;

/** Everything under `/operations`. */
export function operationRoutes({ kit, database, temporal, waiter }: OperationDeps): Router {
  const router = Router();
  const find = async (tenantId: string, id: string): Promise<OperationView> => {
    const operation = await database.withTenantSql(tenantId, (sql) => findOperation(sql, id));
    if (!operation) throw new Failure('NOT_FOUND', 'There is no such operation.');
    return operation;
  };
  const held = async (tenantId: string, operation: OperationView, wait: string | undefined, signal: AbortSignal): Promise<OperationView> => {
    if (wait === undefined || ENDED_STATES.includes(operation.state)) return operation;
    await waiter.untilEnded(operation.id, Number.parseInt(wait, 10) * 1000, signal);
    return find(tenantId, operation.id);
  };

  kit.mount(router, contracts.listOperations, read, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listOperations(sql, { ...query, active: query.active === 'true' })),
  }));
  kit.mount(router, contracts.getOperation, read, async ({ actor, params, query, signal }) => ({
    status: 200,
    body: await held(actor.tenantId, await find(actor.tenantId, params.id), query.wait, signal),
  }));
  for (const [contract, control] of CONTROLS) {
    kit.mount(router, contract, operate, async ({ actor, context, params, query, signal, idempotencyKey }) => {
      const operation = await find(actor.tenantId, params.id);
      if (ENDED_STATES.includes(operation.state))
        throw new Failure('ILLEGAL_TRANSITION', `The operation has ended: it is ${operation.state}.`, {
          nextStep: 'Look at how it ended; start another one if it is needed.',
          operationId: operation.id,
        });
      await controlOperation(temporal, { instanceId: operation.target.id, operationId: operation.id, control, requestedBy: actor.userId, idempotencyKey });
      await database.withTenantSql(actor.tenantId, (sql) => audit(sql, context, { action: `operation.${control}`, target: operation.id }));
      return { status: 200, body: await held(actor.tenantId, await find(actor.tenantId, params.id), query.wait, signal) };
    });
  }
  return router;
}
