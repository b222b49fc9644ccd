import { Router } from 'express';
import type pg from 'pg';
import { effectiveConfig } from '../../activities/adapters/config/effective.ts';
import { layersOf } from '../../prisma/config-layers.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { Action, authorize, authorizeItem } from '../http/authorize.ts';
import type { JsonText } from '../http/json-text.ts';
import { findOperation, listOperations } from '../http/operation-queries.ts';
import { type Actor, reachOf } from '../http/request-context.ts';
import type { Call, Reply, RouteKit } from '../http/route.ts';
import { SharedReads } from '../http/shared-reads.ts';
import { bulkInstances } from './bulk.schema.ts';
import { bulk } from './bulk.ts';
import { actOnInstance, retryInstance, updateInstance } from './change-instance.ts';
import { createInstance, findProject } from './create-instance.ts';
import { dryRun } from './dry-run.ts';
import { type HoldDeps, hold } from './hold.ts';
import * as contracts from './instance.contracts.ts';
import { instancePolicy } from './instance.policy.ts';
import type { ListInstancesQuery } from './instance.schema.ts';
import { getInstance, listInstances } from './instance-queries.ts';
import { ReadyInstances } from './ready-instances.ts';

export interface InstanceDeps extends HoldDeps {
  readonly kit: RouteKit;
}

const read = { action: Action.read, policy: instancePolicy } as const;
const create = { action: Action.create, policy: instancePolicy, looksAtItems: true } as const;
const update = { action: Action.update, policy: instancePolicy } as const;
const operate = { action: Action.operate, policy: instancePolicy } as const;
const remove = { action: Action.remove, policy: instancePolicy } as const;

const ACTIONS = [
  [contracts.startInstance, OperationKind.start],
  [contracts.stopInstance, OperationKind.stop],
  [contracts.restartInstance, OperationKind.restart],
  [contracts.killInstance, OperationKind.kill],
  [contracts.rotateInstanceKey, OperationKind.rotateKey],
] as const;

/** Everything under `/instances` except logs and chat, which are in realtime. */
export function instanceRoutes(deps: InstanceDeps): Router {
  const router = Router();
  const { kit, database, catalog } = deps;
  const ready = new ReadyInstances(catalog);
  const lists = new SharedReads<JsonText>();
  kit.mount(router, contracts.listInstances, read, async ({ actor, query }) =>
    ok(await lists.read(listKey(actor, query), () => database.withTenantSql(actor.tenantId, (sql) => listInstances(sql, query, ready)))),
  );
  kit.mount(router, contracts.createInstance, create, async (call) => {
    if (!authorize(call.actor, create)) await database.withTenantSql(call.actor.tenantId, (sql) => assertMayCreate(sql, call.actor, call.body.projectId));
    if (call.query.dryRun === 'true') return dryRun(database, call.context, catalog, call.body);
    const reply = await call.once(async (sql) => {
      const created = await createInstance(sql, call.context, catalog, call.body);
      return accepted(deps, sql, created.operationId, created.instanceId);
    });
    return hold(deps, reply, call.query.wait, call.actor.tenantId, call.signal);
  });
  kit.mount(router, bulkInstances, { ...operate, looksAtItems: true }, (call) => bulk(deps, call));
  kit.mount(router, contracts.getInstance, read, async ({ actor, params }) => {
    const instance = await database.withTenantSql(actor.tenantId, (sql) => getInstance(sql, params.id, catalog));
    return { ...ok(instance), headers: { ETag: `"${instance.generation}"` } };
  });
  kit.mount(router, contracts.updateInstance, update, (call) =>
    changed(deps, call, (sql) => updateInstance(sql, call.context, catalog, call.params.id, call.body, call.ifMatch)),
  );
  kit.mount(router, contracts.destroyInstance, remove, (call) =>
    changed(deps, call, (sql) => actOnInstance(sql, call.context, catalog, call.params.id, OperationKind.destroy, { retention: call.query.retention })),
  );
  for (const [contract, kind] of ACTIONS) {
    kit.mount(router, contract, operate, (call) => changed(deps, call, (sql) => actOnInstance(sql, call.context, catalog, call.params.id, kind)));
  }
  kit.mount(router, contracts.retryInstance, operate, (call) =>
    changed(deps, call, (sql) => retryInstance(sql, call.context, catalog, call.params.id, call.body)),
  );
  kit.mount(router, contracts.listInstanceOperations, read, async ({ actor, params, query }) =>
    ok(
      await database.withTenantSql(actor.tenantId, async (sql) => {
        await getInstance(sql, params.id, catalog);
        return listOperations(sql, { ...query, instanceId: params.id });
      }),
    ),
  );
  kit.mount(router, contracts.getInstanceConfig, read, async ({ actor, params }) =>
    ok(
      await database.withTenantSql(actor.tenantId, async (sql) => {
        const { spec } = await getInstance(sql, params.id, catalog);
        return effectiveConfig(await catalog.find(sql, spec.type), spec.version, spec.config, await layersOf(sql, spec.config));
      }),
    ),
  );
  return router;
}

/** Throws FORBIDDEN when the caller may make instances, but not in this project. */
async function assertMayCreate(sql: pg.ClientBase, actor: Actor, wanted: string | undefined): Promise<void> {
  authorizeItem(actor, create, { projectId: await findProject(sql, wanted), ownerId: null });
}

/** Accepts a change of an instance, and holds the answer if asked to. */
async function changed(
  deps: InstanceDeps,
  call: Call<{ id: string }, { wait?: string | undefined }, unknown>,
  accept: (sql: pg.PoolClient) => Promise<string>,
): Promise<Reply> {
  const reply = await call.once(async (sql) => accepted(deps, sql, await accept(sql), call.params.id));
  return hold(deps, reply, call.query.wait, call.actor.tenantId, call.signal);
}

async function accepted({ catalog }: InstanceDeps, sql: pg.ClientBase, operationId: string, instanceId: string): Promise<Reply> {
  const operation = await findOperation(sql, operationId);
  const instance = await getInstance(sql, instanceId, catalog);
  return { status: 202, body: { operation, instance }, headers: { Location: `/api/v1/operations/${operationId}` } };
}

/** Everything that a list depends on besides the rows. */
function listKey(actor: Actor, query: ListInstancesQuery): string {
  return JSON.stringify([actor.tenantId, reachOf(actor), query]);
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}
