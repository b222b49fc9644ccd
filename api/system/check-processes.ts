import type { Client } from '@temporalio/client';
import { PLATFORM_VERSION } from '../../activities/platform/process-facts.ts';
import { liveProcesses, type ProcessRow } from '../../prisma/process-report.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { HealthDeps } from './checks.ts';
import { type Finding, fact } from './health.ts';
import type { HealthFact } from './system.schema.ts';

const DEADLINE_MS = 3000;
/** A worker asks for work at least once a minute. */
const POLLER_SECONDS = 90;
const LAG_SECONDS = 15;
const SLOW_LOOP_MS = 250;
/** temporal.api.enums.v1.TaskQueueType */
const QueueType = { workflow: 1, activity: 2 } as const;

/** What the worker polls, the vital one first. */
const QUEUES = [
  [TaskQueue.core, QueueType.workflow],
  [TaskQueue.core, QueueType.activity],
  [TaskQueue.runtime, QueueType.activity],
  [TaskQueue.observe, QueueType.activity],
] as const;

/** This process, and how many there are of it. */
export async function checkApi({ presence, levels, systemPool }: Pick<HealthDeps, 'presence' | 'levels' | 'systemPool'>): Promise<Finding> {
  const { eventLoopDelayP99Ms = 0, memoryBytes } = presence.facts();
  const nodes = await liveProcesses(systemPool).then(
    (all) => all.filter(({ part }) => part === 'api').length,
    () => null,
  );
  const found: Finding = {
    version: PLATFORM_VERSION,
    latencyMs: 0,
    since: new Date(Date.now() - process.uptime() * 1000),
    facts: [
      ...fact('node', process.versions.node, 'text'),
      ...fact('processes', nodes),
      ...fact('eventLoopDelayP99', eventLoopDelayP99Ms, 'milliseconds'),
      ...fact('memory', memoryBytes, 'bytes'),
      ...fact('logLevel', levels.current, 'text'),
    ],
  };
  if (eventLoopDelayP99Ms < SLOW_LOOP_MS) return found;
  return {
    ...found,
    status: 'degraded',
    message: `It is busy: one in a hundred turns takes longer than ${Math.round(eventLoopDelayP99Ms)} ms.`,
    nextStep: 'Look at the load of its machine, or start another API beside it.',
    command: 'npm run status',
  };
}

interface Queue {
  readonly name: string;
  readonly pollers: number;
  readonly newestSeconds: number;
  readonly waiting: number;
  readonly oldestSeconds: number;
}

/** The workers: who polls, how long work waits for them, and which code they run. */
export async function checkWorker({ temporal, systemPool }: Pick<HealthDeps, 'temporal' | 'systemPool'>): Promise<Finding> {
  const [queues, processes] = await Promise.all([
    Promise.all(QUEUES.map(([name, type]) => describeQueue(temporal, name, type))),
    liveProcesses(systemPool).catch(() => [] as ProcessRow[]),
  ]);
  const workers = processes.filter(({ part }) => part === 'worker');
  const found: Finding = { ...ofProcesses(workers), facts: [...factsOfWorkers(workers), ...factsOfQueues(queues)] };
  const [core] = queues;
  if (!core || core.newestSeconds > POLLER_SECONDS)
    return { ...found, status: 'down', message: 'No worker asks for work.', nextStep: 'Start the worker; accepted work is kept.', command: 'npm run up' };
  const late = queues.reduce((worst, queue) => (queue.oldestSeconds > worst.oldestSeconds ? queue : worst));
  if (late.oldestSeconds > LAG_SECONDS)
    return {
      ...found,
      status: 'degraded',
      message: `${late.waiting} tasks wait in ${late.name}, the oldest for ${Math.round(late.oldestSeconds)} s.`,
      nextStep: 'Look at the load of its machine, or start another worker beside it.',
      command: 'npm run status',
    };
  const other = workers.find(({ version }) => version !== PLATFORM_VERSION);
  if (other)
    return {
      ...found,
      status: 'degraded',
      message: `A worker runs version ${other.version}, the API ${PLATFORM_VERSION}.`,
      nextStep: 'Start it again with the new version.',
      command: 'npm run up',
    };
  return found;
}

async function describeQueue(temporal: Client, name: string, type: number): Promise<Queue> {
  const { namespace } = temporal.options;
  const { pollers, stats } = await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
    temporal.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType: type, reportStats: true }),
  );
  const newest = Math.max(0, ...(pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0)));
  return {
    name: type === QueueType.workflow ? `${name} (workflows)` : name,
    pollers: new Set((pollers ?? []).map((poller) => poller.identity)).size,
    newestSeconds: Date.now() / 1000 - newest,
    waiting: Number(stats?.approximateBacklogCount ?? 0),
    oldestSeconds: Number(stats?.approximateBacklogAge?.seconds ?? 0),
  };
}

function ofProcesses(workers: readonly ProcessRow[]): Finding {
  const [oldest] = workers;
  return oldest ? { version: oldest.version, since: oldest.startedAt } : {};
}

function factsOfWorkers(workers: readonly ProcessRow[]): HealthFact[] {
  const sum = (name: string): number => workers.reduce((total, { facts }) => total + (facts[name] ?? 0), 0);
  if (workers.length === 0) return [];
  return [
    ...fact('processes', workers.length),
    ...fact('build', [...new Set(workers.map(({ build }) => build))].join(', '), 'text'),
    ...fact('cachedWorkflows', sum('cachedWorkflows')),
    ...fact('runningActivities', sum('runningActivities')),
    ...fact('eventLoopDelayP99', Math.max(...workers.map(({ facts }) => facts.eventLoopDelayP99Ms ?? 0)), 'milliseconds'),
    ...fact('memory', sum('memoryBytes'), 'bytes'),
    ...fact('logLevel', [...new Set(workers.map(({ logLevel }) => logLevel))].join(', '), 'text'),
  ];
}

function factsOfQueues(queues: readonly Queue[]): HealthFact[] {
  return queues.flatMap(({ name, pollers, waiting, oldestSeconds }) => [
    ...fact('pollers', pollers, 'count', name),
    ...fact('waiting', waiting, 'count', name),
    ...fact('queueLag', Math.round(oldestSeconds), 'seconds', name),
  ]);
}
