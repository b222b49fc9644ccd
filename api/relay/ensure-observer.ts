import type { Client } from '@temporalio/client';
import type { Logger } from '../../activities/platform/logger.ts';
import { hostObserverWorkflowId } from '../../workflows/contracts/ids.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { hostObserverWorkflow } from '../../workflows/host/host-observer.workflow.ts';

/** Makes sure, once per process and host, that the workflow which turns a host's facts into signals runs. */
export function createObserverStarter(client: Client, logger: Logger): (hostId: string) => void {
  const started = new Set<string>();
  return (hostId) => {
    if (started.has(hostId)) return;
    started.add(hostId);
    client.workflow
      .start<typeof hostObserverWorkflow>('hostObserverWorkflow', {
        workflowId: hostObserverWorkflowId(hostId),
        taskQueue: TaskQueue.core,
        args: [{ hostId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      })
      .catch((error: Error) => {
        started.delete(hostId);
        logger.warn({ hostId, reason: error.message }, 'the observer of a host could not be started yet');
      });
  };
}
