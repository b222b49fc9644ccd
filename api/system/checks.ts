import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { LiteLlmClient } from '../../activities/clients/litellm/client.ts';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { Finding, HealthCheck } from './health.ts';

export interface HealthDeps {
  readonly pool: pg.Pool;
  readonly systemPool: pg.Pool;
  readonly temporal: Client;
  readonly liteLlm: Pick<LiteLlmClient, 'ping'>;
  readonly objectStore: ObjectStore;
  readonly relayLag: () => Promise<{ readonly pending: number; readonly oldestSeconds: number }>;
}

const DEADLINE_MS = 3000;
/** A worker asks for work at least once a minute. */
const POLLER_SECONDS = 90;
const LAG_SECONDS = 15;
/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW */
const WORKFLOW_QUEUE = 1;

/** Every part that the platform stands on, and how to ask it. */
export function healthChecks(deps: HealthDeps): HealthCheck[] {
  return [
    { name: 'database', vital: true, nextStep: 'Start PostgreSQL.', check: () => checkDatabase(deps.pool) },
    { name: 'workflow-engine', vital: true, nextStep: 'Start the Temporal server; accepted work is kept.', check: () => checkTemporal(deps.temporal) },
    { name: 'worker', vital: true, nextStep: 'Start the worker; accepted work is kept.', check: () => checkWorker(deps.temporal) },
    { name: 'relay', nextStep: 'Look at the log of the API.', check: () => checkRelay(deps.relayLag) },
    { name: 'hosts', nextStep: 'Start the bridge on a host.', check: () => checkHosts(deps.systemPool) },
    { name: 'model-service', nextStep: 'Start LiteLLM.', check: async () => ({ latencyMs: Math.round(await deps.liteLlm.ping(DEADLINE_MS)) }) },
    { name: 'object-store', nextStep: 'Start the object store.', check: async () => ({ latencyMs: await deps.objectStore.ping() }) },
  ];
}

async function checkDatabase(pool: pg.Pool): Promise<Finding> {
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
  return { version: rows[0]?.server_version.split(' ')[0] ?? '' };
}

async function checkTemporal(temporal: Client): Promise<Finding> {
  const info = await temporal.withDeadline(Date.now() + DEADLINE_MS, () => temporal.workflowService.getSystemInfo({}));
  return { version: info.serverVersion ?? '' };
}

async function checkWorker(temporal: Client): Promise<Finding> {
  const { namespace } = temporal.options;
  const { pollers } = await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
    temporal.workflowService.describeTaskQueue({ namespace, taskQueue: { name: TaskQueue.core }, taskQueueType: WORKFLOW_QUEUE }),
  );
  const newest = Math.max(0, ...(pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0)));
  const seconds = Date.now() / 1000 - newest;
  if (seconds <= POLLER_SECONDS) return {};
  return { status: 'down', message: 'No worker asks for work.', nextStep: 'Start the worker; accepted work is kept.' };
}

async function checkRelay(lag: HealthDeps['relayLag']): Promise<Finding> {
  const { pending, oldestSeconds } = await lag();
  if (oldestSeconds <= LAG_SECONDS) return {};
  return {
    status: 'degraded',
    message: `${pending} accepted items wait, the oldest for ${Math.round(oldestSeconds)} s.`,
    nextStep: 'Check the workflow engine; nothing is lost.',
  };
}

async function checkHosts(systemPool: pg.Pool): Promise<Finding> {
  const { rows } = await systemPool.query<{ online: number; known: number; strangers: number }>(
    `SELECT count(*) FILTER (WHERE connected)::integer AS online, count(*) FILTER (WHERE info IS NOT NULL)::integer AS known,
       coalesce(sum(jsonb_array_length(unknown_claws)), 0)::integer AS strangers FROM host`,
  );
  const { online = 0, known = 0, strangers = 0 } = rows[0] ?? {};
  if (online === 0) return { status: 'down', message: 'No host is online.', nextStep: 'Start the bridge on a host.' };
  if (online < known) return { status: 'degraded', message: `${known - online} of ${known} hosts are offline.`, nextStep: 'Start the bridge on them.' };
  if (strangers > 0)
    return {
      status: 'degraded',
      message: strangers === 1 ? '1 claw runs that the platform does not know.' : `${strangers} claws run that the platform does not know.`,
      nextStep: 'claw doctor names them and how to end them; they are newer than the backup that was restored.',
    };
  return { message: online === 1 ? '1 host online' : `${online} hosts online` };
}
