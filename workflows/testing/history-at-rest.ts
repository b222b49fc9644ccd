import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';

/** The history once no workflow task is under way: what a task is still doing is not in it. */
export async function historyAtRest(handle: WorkflowHandle): Promise<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>> {
  for (;;) {
    const history = await handle.fetchHistory();
    const last = history.events?.findLast(
      (event) => event.workflowTaskScheduledEventAttributes ?? event.workflowTaskStartedEventAttributes ?? event.workflowTaskCompletedEventAttributes,
    );
    if (last?.workflowTaskCompletedEventAttributes) return history;
    await sleep(20);
  }
}
