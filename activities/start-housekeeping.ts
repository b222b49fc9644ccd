import type { Client } from '@temporalio/client';
import { METRICS_WORKFLOW_ID } from '../workflows/contracts/ids.ts';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { metricsHousekeepingWorkflow } from '../workflows/housekeeping/metrics-housekeeping.workflow.ts';

const MINUTE_MS = 60_000;
const PASSES_PER_RUN = 200;

/** Sees to it that metrics are kept short, once in the fleet, whichever worker does it. */
export async function startHousekeeping(client: Client): Promise<void> {
  await client.workflow.start<typeof metricsHousekeepingWorkflow>('metricsHousekeepingWorkflow', {
    workflowId: METRICS_WORKFLOW_ID,
    taskQueue: TaskQueue.core,
    args: [{ everyMilliseconds: MINUTE_MS, passesPerRun: PASSES_PER_RUN }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
}
