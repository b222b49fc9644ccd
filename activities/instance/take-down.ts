import { isFailure } from '../../workflows/contracts/failures.ts';
import type { Retention } from '../../workflows/contracts/operation.ts';
import type { WorkloadRef } from '../runtime/driver.ts';
import type { StepInput, StepOutcome } from './contract.ts';
import { revokeKeys } from './model-keys.ts';
import { refOf } from './place.ts';
import type { InstanceDeps } from './ports.ts';

interface Target {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly generation: number;
}

/** Lets the claw drain and end. Skipped when the runtime has nothing of it. */
export const stopWorkload = (deps: InstanceDeps, input: Target): Promise<StepOutcome> => told(deps, input, (ref) => deps.driver.stop(ref, input.generation));

/** Ends the claw at once. */
export const killWorkload = (deps: InstanceDeps, input: Target): Promise<StepOutcome> => told(deps, input, (ref) => deps.driver.kill(ref, input.generation));

/** Takes the claw off its host; its data folder is kept or wiped. */
export async function destroyWorkload(deps: InstanceDeps, input: Target & { readonly retention: Retention }): Promise<StepOutcome> {
  const { ref } = await refOf(deps, input);
  const desired = await deps.driver.desired(ref);
  if (desired === null) return { skipped: true };
  await deps.driver.destroy(ref, input.generation, input.retention);
  return { skipped: false, graceSeconds: desired.stop.graceSeconds };
}

async function told(deps: InstanceDeps, input: Target, tell: (ref: WorkloadRef) => Promise<void>): Promise<StepOutcome> {
  const { ref } = await refOf(deps, input);
  const desired = await deps.driver.desired(ref);
  if (desired === null || desired.desired === 'removed') return { skipped: true };
  await tell(ref);
  return { skipped: false, graceSeconds: desired.stop.graceSeconds };
}

/** Tells the runtime what it was told last, so that it tries again at once. */
export async function repeatWorkload(deps: InstanceDeps, target: { readonly tenantId: string; readonly instanceId: string }): Promise<StepOutcome> {
  const { ref } = await refOf(deps, target);
  const desired = await deps.driver.desired(ref);
  if (desired === null) return { skipped: true };
  try {
    await deps.driver.apply(ref.hostId, { ...desired, secretEnv: await deps.driver.secrets(ref) });
  } catch (error) {
    // Something newer was said meanwhile: then there is nothing to repeat.
    if (!isFailure(error) || error.code !== 'GENERATION_MISMATCH') throw error;
  }
  return { skipped: false };
}

/** Every model key of the instance stops working. */
export async function revokeModelKeys(deps: InstanceDeps, { tenantId, instanceId }: StepInput): Promise<StepOutcome> {
  const revoked = await deps.database.withTenantSql(tenantId, (sql) => revokeKeys(sql, instanceId));
  return { skipped: revoked === 0 };
}

/**
 * Gives the slot back. `forget`: the runtime's record is dropped first. Without it an instance that the runtime has a record of keeps
 * its slot: the folders that were kept belong to the uid of that slot.
 */
export async function releaseInstance(deps: InstanceDeps, { tenantId, instanceId, forget }: StepInput & { readonly forget: boolean }): Promise<StepOutcome> {
  const { ref } = await refOf(deps, { tenantId, instanceId });
  if (forget) await deps.driver.forget(ref);
  else if ((await deps.driver.desired(ref)) !== null) return { skipped: true };
  await deps.database.withTenantSql(tenantId, (sql) => sql.query('DELETE FROM host_slot WHERE instance_id = $1', [instanceId]));
  return { skipped: false };
}

/** A generation above every earlier one of the instance. */
export async function nextGeneration(
  deps: InstanceDeps,
  { tenantId, instanceId }: { readonly tenantId: string; readonly instanceId: string },
): Promise<number> {
  const { rows } = await deps.database.withTenantSql(tenantId, (sql) =>
    sql.query<{ generation: number }>('UPDATE instance SET generation = generation + 1 WHERE id = $1 RETURNING generation', [instanceId]),
  );
  return rows[0]?.generation ?? 1;
}

/** Newest fact of the workload and whether its host is there at all. */
export async function observeWorkload(deps: InstanceDeps, { tenantId, instanceId }: { readonly tenantId: string; readonly instanceId: string }) {
  const { ref, hostConnected } = await refOf(deps, { tenantId, instanceId });
  return { fact: await deps.driver.observe(ref), hostConnected };
}
