import type { DataConverter } from '@temporalio/common';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { createActivities } from './index.ts';
import type { Logger } from './platform/logger.ts';
import { createActivityInterceptor } from './platform/temporal/activity-interceptor.ts';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  readonly activities: ReturnType<typeof createActivities>;
  readonly workflowBundle: WorkerOptions['workflowBundle'];
  readonly logger: Logger;
}

/**
 * The workers of one process, one per queue: what is interactive, what is slow and what never ends do not take each other's slots.
 * A worker that is lost is noticed within the heartbeat time-out of its activities; beats go out every second or so.
 */
export function workerOptions({ connection, namespace, dataConverter, activities, workflowBundle, logger }: WorkerParts): readonly WorkerOptions[] {
  const shared = {
    connection,
    namespace,
    dataConverter,
    activities,
    interceptors: { activity: [createActivityInterceptor(logger)] },
    maxHeartbeatThrottleInterval: '1200 ms',
    shutdownGraceTime: '2 seconds',
    shutdownForceTime: '5 seconds',
  } as const satisfies Partial<WorkerOptions>;
  return [
    {
      ...shared,
      taskQueue: TaskQueue.core,
      workflowBundle,
      // An entity is a few hundred KiB in the cache; what falls out is replayed when it is needed.
      maxCachedWorkflows: 300,
      stickyQueueScheduleToStartTimeout: '2 seconds',
      // One thread works on all of them and each must be done within the five seconds of a task: with many at once on a busy machine every one
      // is late, its work is thrown away and begun again, and nothing moves any more.
      maxConcurrentWorkflowTaskExecutions: 6,
      maxConcurrentLocalActivityExecutions: 20,
      maxConcurrentActivityTaskExecutions: 20,
    },
    { ...shared, taskQueue: TaskQueue.runtime, maxConcurrentActivityTaskExecutions: 40 },
    { ...shared, taskQueue: TaskQueue.observe, maxConcurrentActivityTaskExecutions: 50 },
  ];
}
