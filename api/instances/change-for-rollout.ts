import type pg from 'pg';
import { layersOf } from '../../prisma/config-layers.ts';
import type { InstanceCommand, InstanceSpec } from '../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { acceptOperation, assertLegal, lockInstance } from './admission.ts';
import { reserveSlot } from './host-slot.ts';
import { assertPolicies } from './limits.ts';
import { assertSecrets } from './named-secrets.ts';
import type { ClawCatalog } from './ports.ts';
import { amountsOf, resolveSpec } from './spec.ts';

/** What a rollout wants of an instance. */
interface Wish {
  readonly kind: Extract<OperationKind, 'update' | 'start' | 'restart'>;
  readonly spec: InstanceSpec;
  readonly judged: boolean;
  readonly params: InstanceCommand['params'];
}

interface Judged {
  readonly type: string;
  readonly projectId: string;
  readonly spec: InstanceSpec;
}

/** Throws what a change of version and settings would be refused for. What is brought up by it is judged as a whole, like a start that a person asks for. */
export async function judgeSpec(
  sql: pg.ClientBase,
  catalog: ClawCatalog,
  { type, projectId, spec: before }: Judged,
  spec: InstanceSpec,
  kind: Wish['kind'],
): Promise<void> {
  const adapter = await catalog.find(sql, type);
  const layers = await layersOf(sql, spec.config);
  resolveSpec(adapter, { version: spec.version, config: spec.config }, before, before.placement.hostId, layers);
  // Whoever makes a rollout operates the whole tenant.
  await assertSecrets(sql, adapter, { spec, layers, before, mayUse: true });
  await assertPolicies(sql, { adapter, projectId, spec, ...(kind === 'update' ? { before } : {}) });
}

/** Accepts what a rollout makes of an instance. What only brings back what was there is not judged: nobody may forbid it. */
export async function changeForRollout(
  sql: pg.PoolClient,
  context: RequestContext,
  catalog: ClawCatalog,
  id: string,
  { kind, spec, judged, params }: Wish,
): Promise<string> {
  const instance = await lockInstance(sql, id);
  await assertLegal(sql, instance, kind);
  if (judged) await judgeSpec(sql, catalog, instance, spec, kind);
  await reserveSlot(sql, spec.placement.hostId, actorOf(context).tenantId, id, amountsOf(spec.resources));
  return acceptOperation(sql, context, instance, { kind, params, change: { spec } });
}
