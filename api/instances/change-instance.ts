import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import type { InstanceCommand, InstanceSpec } from '../../workflows/contracts/instance.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { acceptOperation, assertLegal, type LockedInstance, lockInstance } from './admission.ts';
import { nameTaken } from './create-instance.ts';
import { reserveSlot } from './host-slot.ts';
import type { RetryInstanceBody, UpdateInstanceBody } from './instance.schema.ts';
import { changedLayers } from './layers.ts';
import { assertPolicies, lockQuota, reserveQuota } from './limits.ts';
import { assertSecrets, mayUseSecrets } from './named-secrets.ts';
import type { ClawCatalog } from './ports.ts';
import { amountsOf, resolveSpec } from './spec.ts';

/** Operations that bring a claw up, for which its host must have kept or find room. */
const NEEDS_SLOT: readonly OperationKind[] = [OperationKind.start, OperationKind.restart, OperationKind.update, OperationKind.retry];

/** Operations that bring up what is there: no policy may forbid it. A change and a retry are judged by what they change. */
export const NEEDS_LEAVE: readonly OperationKind[] = [OperationKind.start, OperationKind.restart];

/** Accepts start, stop, restart, kill, rotate-key or destroy. Answers the operation's id. */
export async function actOnInstance(
  sql: pg.PoolClient,
  context: RequestContext,
  catalog: ClawCatalog,
  id: string,
  kind: OperationKind,
  params: InstanceCommand['params'] = {},
): Promise<string> {
  const instance = await lockInstance(sql, id);
  await assertLegal(sql, instance, kind);
  if (NEEDS_LEAVE.includes(kind)) {
    const { projectId, spec } = instance;
    await assertPolicies(sql, { adapter: await catalog.find(sql, instance.type), projectId, spec });
  }
  await keepSlot(sql, context, instance, kind, instance.spec);
  return acceptOperation(sql, context, instance, { kind, params });
}

/** Accepts a change of name, labels, resources or settings. Throws NAME_TAKEN, GENERATION_MISMATCH and what `resolveSpec` throws. */
export async function updateInstance(
  sql: pg.PoolClient,
  context: RequestContext,
  catalog: ClawCatalog,
  id: string,
  body: UpdateInstanceBody,
  ifMatch: number | null,
): Promise<string> {
  if (body.resources !== undefined) await lockQuota(sql);
  const instance = await lockInstance(sql, id);
  await assertLegal(sql, instance, OperationKind.update, ifMatch);
  const { adapter, spec } = await changedSpec(sql, context, catalog, instance, body);
  await assertPolicies(sql, { adapter, projectId: instance.projectId, spec, before: instance.spec });
  if (body.resources !== undefined) await reserveQuota(sql, instance.projectId, id, spec);
  await keepSlot(sql, context, instance, OperationKind.update, spec);
  const change = { spec, name: body.name ?? instance.name, labels: body.labels ?? instance.labels };
  try {
    return await acceptOperation(sql, context, instance, { kind: OperationKind.update, change });
  } catch (error) {
    throw nameTaken(error, change.name) ?? error;
  }
}

/** Accepts "edit and retry" of a create that failed or waits. */
export async function retryInstance(
  sql: pg.PoolClient,
  context: RequestContext,
  catalog: ClawCatalog,
  id: string,
  { specPatch = {} }: RetryInstanceBody,
): Promise<string> {
  if (specPatch.resources !== undefined) await lockQuota(sql);
  const instance = await lockInstance(sql, id);
  await assertLegal(sql, instance, OperationKind.retry);
  const { adapter, spec } = await changedSpec(sql, context, catalog, instance, specPatch, '/specPatch');
  await assertPolicies(sql, { adapter, projectId: instance.projectId, spec, base: '/specPatch' });
  if (specPatch.resources !== undefined) await reserveQuota(sql, instance.projectId, id, spec, '/specPatch');
  await keepSlot(sql, context, instance, OperationKind.retry, spec, '/specPatch');
  return acceptOperation(sql, context, instance, { kind: OperationKind.retry, change: { spec } });
}

/** What an instance would be with a change, by the settings of its layers. Throws for what is wrong with it, with pointers below `base`. */
async function changedSpec(
  sql: pg.ClientBase,
  context: RequestContext,
  catalog: ClawCatalog,
  instance: LockedInstance,
  patch: NonNullable<RetryInstanceBody['specPatch']>,
  base = '',
): Promise<{ readonly adapter: ClawAdapter; readonly spec: InstanceSpec }> {
  const before = instance.spec;
  const adapter = await catalog.find(sql, instance.type);
  const layers = await changedLayers(sql, instance, patch.config?.layers, base);
  const spec = resolveSpec(adapter, patch, before, before.placement.hostId, layers, base);
  if (patch.config !== undefined) await assertSecrets(sql, adapter, { spec, layers, before, mayUse: mayUseSecrets(actorOf(context)) }, base);
  return { adapter, spec };
}

async function keepSlot(
  sql: pg.ClientBase,
  context: RequestContext,
  instance: LockedInstance,
  kind: OperationKind,
  spec: InstanceSpec,
  base = '',
): Promise<void> {
  if (!NEEDS_SLOT.includes(kind)) return;
  await reserveSlot(sql, spec.placement.hostId, actorOf(context).tenantId, instance.id, amountsOf(spec.resources, base), base);
}
