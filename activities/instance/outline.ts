import { isFailure } from '../../workflows/contracts/failures.ts';
import type { InstanceOutline, StepInput } from './contract.ts';
import { currentKey, isUsable } from './model-keys.ts';
import { refOf } from './place.ts';
import type { InstanceDeps } from './ports.ts';
import { isSameWorkload, loadSubject, renderSubject, type Subject } from './subject.ts';

/**
 * What the plan of an operation depends on. A spec that cannot be rendered, or whose type is gone, counts as changed: the step that
 * needs it says what is wrong, and whatever takes the instance down works all the same.
 */
export async function outlineInstance(deps: InstanceDeps, { tenantId, instanceId }: StepInput): Promise<InstanceOutline> {
  const desired = await deps.driver.desired((await refOf(deps, { tenantId, instanceId })).ref);
  const subject = await loadSubject(deps, tenantId, instanceId).catch((error: unknown) => (isFailure(error) ? null : Promise.reject(error)));
  if (subject === null)
    return {
      type: 'unknown',
      key: 'settled',
      keyDelivery: 'none',
      confirmsConfig: false,
      checksConfig: false,
      needsRuntime: false,
      changed: true,
      workload: desired?.desired ?? null,
    };
  const { adapter } = subject;
  return {
    type: adapter.type,
    key: await keyState(deps, subject),
    keyDelivery: adapter.modelKeyDelivery,
    confirmsConfig: adapter.ack.type !== 'none',
    workload: desired?.desired ?? null,
    ...rendering(deps, subject, desired),
  };
}

async function keyState(deps: InstanceDeps, subject: Subject): Promise<InstanceOutline['key']> {
  const key = await deps.database.withTenantSql(subject.ref.tenantId, (sql) => currentKey(sql, subject.ref.instanceId));
  if (key === null || !isUsable(key, subject.adapter.modelKeyDelivery, await deps.driver.secrets(subject.ref))) return 'none';
  return key.sealed === null ? 'settled' : 'held';
}

function rendering(
  deps: InstanceDeps,
  subject: Subject,
  desired: Awaited<ReturnType<InstanceDeps['driver']['desired']>>,
): Pick<InstanceOutline, 'checksConfig' | 'needsRuntime' | 'changed'> {
  try {
    const rendered = renderSubject(deps, subject.place ? subject : { ...subject, place: { slot: 0, ports: placeholderPorts(subject) } });
    const changed = !desired || !subject.place || !isSameWorkload(desired, { ...rendered, resources: subject.resources, ports: subject.place.ports });
    const isNewToHost = desired?.filesHash !== rendered.filesHash || desired.runtime.version !== rendered.runtime.version;
    return {
      checksConfig: isNewToHost && subject.adapter.nativeCheck(subject.spec.version, rendered) !== null,
      needsRuntime: rendered.runtime.install !== null || rendered.runtime.node !== null,
      changed,
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { checksConfig: false, needsRuntime: false, changed: true };
  }
}

/** A slot given back is taken again by the first step; until then any port shows what the plan will need. */
function placeholderPorts({ adapter }: Subject): Readonly<Record<string, number>> {
  return Object.fromEntries(adapter.portNames.map((name, index) => [name, 1 + index]));
}
