import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { METRICS_SCHEDULE_ID } from '../workflows/contracts/ids.ts';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { metricsHousekeepingWorkflow } from '../workflows/housekeeping/metrics-housekeeping.workflow.ts';

/** Sees to it that the housekeeping has its schedules; one that is there already stays as it is. */
export async function startSchedules(client: Client): Promise<void> {
  try {
    await client.schedule.create<typeof metricsHousekeepingWorkflow>({
      scheduleId: METRICS_SCHEDULE_ID,
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: 'metricsHousekeepingWorkflow',
        workflowId: METRICS_SCHEDULE_ID,
        taskQueue: TaskQueue.core,
        args: [],
        workflowRunTimeout: '10 minutes',
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
