import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { InstanceCommand } from '../contracts/instance.ts';
import { RolloutBatchMessage, type TargetEnd } from '../contracts/rollout.ts';

/** Tells the batch of a rollout that an operation of it has ended. A batch that is gone has decided without it. */
export async function tellRollout({ params, operationId }: InstanceCommand, instanceId: string): Promise<void> {
  if (!params.rollout) return;
  const batch = getExternalWorkflowHandle(params.rollout.workflowId);
  await batch.signal<[TargetEnd]>(RolloutBatchMessage.ended, { instanceId, operationId }).catch(() => undefined);
}
