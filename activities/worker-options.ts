import type { DataConverter } from '@temporalio/common';
import type { InjectedSinks, NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import { Limits } from '../workflows/contracts/limits.ts';
import { TaskQueue } from '../workflows/contracts/task-queues.ts';
import type { EndedWork, TelemetrySinks } from '../workflows/contracts/telemetry.ts';
import type { createActivities } from './index.ts';
import type { Logger } from './platform/logger.ts';
import { createActivityInterceptor } from './platform/temporal/activity-interceptor.ts';
import { createTracingInterceptor, recordWork } from './platform/temporal/tracing-interceptor.ts';
import { noTracing, type Tracing } from './platform/tracing/tracing.ts';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  readonly activities: ReturnType<typeof createActivities>;
  readonly workflowBundle: WorkerOptions['workflowBundle'];
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Told of every piece of work of a workflow that has ended. */
  readonly onEnded?: (work: EndedWork) => void;
}

/**
 * The workers of one process, one per queue: what is interactive, what is slow and what never ends do not take each other's slots.
 * A worker that is lost is noticed within the heartbeat time-out of its activities; beats go out every second or so.
 */
export function workerOptions({
  connection,
  namespace,
  dataConverter,
  activities,
  workflowBundle,
  logger,
  tracing = noTracing,
  onEnded = () => undefined,
}: WorkerParts): readonly WorkerOptions[] {
  const workEnded = (work: EndedWork) => {
    onEnded(work);
    recordWork(tracing, work);
  };
  const sinks: InjectedSinks<TelemetrySinks & Sinks> = { telemetry: { workEnded: { fn: (_info, work) => workEnded(work), callDuringReplay: false } } };
  const shared = {
    connection,
    namespace,
    dataConverter,
    activities,
    // The outer one first: it sees failures as workflows do.
    interceptors: { activity: [createTracingInterceptor(tracing), createActivityInterceptor(logger)] },
    sinks,
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
      // A task holds its place while a step of it runs, and those who ask for a task hold places too: with few of them, two steps that
      // wait for a database would stop every other instance.
      maxConcurrentWorkflowTaskExecutions: 20,
      maxConcurrentLocalActivityExecutions: 20,
      maxConcurrentActivityTaskExecutions: 20,
    },
    { ...shared, taskQueue: TaskQueue.runtime, maxConcurrentActivityTaskExecutions: 40 },
    // Changes of rollouts: so many in a second, whatever is rolled out, and however many workers there are.
    { ...shared, taskQueue: TaskQueue.bulk, maxConcurrentActivityTaskExecutions: 20, maxTaskQueueActivitiesPerSecond: Limits.rolloutChangesPerSecond },
    { ...shared, taskQueue: TaskQueue.observe, maxConcurrentActivityTaskExecutions: 50 },
  ];
}
