import type { Client } from '@temporalio/client';
import type pg from 'pg';
import { hostObserverWorkflowId } from '../workflows/contracts/ids.ts';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { hostObserverWorkflow } from '../workflows/host/host-observer.workflow.ts';

/** Sees to it that every registered host is watched; one that is watched already stays as it is. */
export async function startObservers(client: Client, systemPool: pg.Pool): Promise<number> {
  const { rows } = await systemPool.query<{ id: string }>('SELECT id FROM host');
  for (const { id } of rows) {
    await client.workflow.start<typeof hostObserverWorkflow>('hostObserverWorkflow', {
      workflowId: hostObserverWorkflowId(id),
      taskQueue: TaskQueue.core,
      args: [{ hostId: id }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowTaskTimeout: '5 seconds',
    });
  }
  return rows.length;
}
