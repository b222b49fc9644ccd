import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type pg from 'pg';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { type InstanceFact, InstanceMessage } from '../../workflows/contracts/instance.ts';
import type { Logger } from '../platform/logger.ts';
import { dropFacts, type PendingFact, projectFacts } from './fact-store.ts';
import { listenForFacts } from './wake.ts';

/** What watching a host needs. `systemUrl`: connection string of the system role, for the connection that listens. */
export interface ObserverDeps {
  readonly systemPool: pg.Pool;
  readonly systemUrl: string;
  readonly temporalClient: Client;
  readonly logger: Logger;
}

const LOOK_ANYWAY_MS = 5_000;
const TROUBLE_MS = 1_000;
const SIGNALS_AT_ONCE = 20;
const LIFE_MS = 24 * 3600 * 1000;

/**
 * Watches one host until `signal` aborts or a day has passed. What claws do is shown at once, even while the workflow engine is away;
 * signals wait for it in the table of facts. Everything may be done twice: columns are fenced by the number of the fact, entities
 * drop what they have seen.
 */
export async function observeHost(deps: ObserverDeps, hostId: string, signal: AbortSignal): Promise<void> {
  const wake = listenForFacts({ url: deps.systemUrl, hostId, logger: deps.logger });
  const until = Date.now() + LIFE_MS;
  let pending: PendingFact[] = [];
  try {
    while (!signal.aborted && Date.now() < until) {
      try {
        const batch = await projectFacts(
          deps.systemPool,
          hostId,
          pending.map(({ id }) => id),
        );
        pending.push(...batch);
        pending = await deliver(deps, pending);
        if (batch.length === 0) await wake.next(pending.length > 0 ? TROUBLE_MS : LOOK_ANYWAY_MS, signal);
      } catch (error) {
        deps.logger.warn(
          { hostId, code: (error as NodeJS.ErrnoException).code, kind: (error as Error).name },
          'facts of a host could not be handled; trying again',
        );
        await sleep(TROUBLE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    await wake.close();
  }
}

/** Signals what waits and drops it; answers what could not be delivered yet, in order. */
async function deliver(deps: ObserverDeps, pending: readonly PendingFact[]): Promise<PendingFact[]> {
  const byInstance = Map.groupBy(pending, ({ instanceId }) => instanceId);
  const queues = [...byInstance.values()];
  const undelivered: PendingFact[] = [];
  for (let at = 0; at < queues.length; at += SIGNALS_AT_ONCE) {
    const left = await Promise.all(queues.slice(at, at + SIGNALS_AT_ONCE).map((queue) => deliverInOrder(deps, queue)));
    undelivered.push(...left.flat());
  }
  const kept = new Set(undelivered.map(({ id }) => id));
  await dropFacts(
    deps.systemPool,
    pending.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
  );
  return undelivered;
}

async function deliverInOrder(deps: ObserverDeps, queue: readonly PendingFact[]): Promise<readonly PendingFact[]> {
  for (const [index, { instanceId, signal }] of queue.entries()) {
    if (signal !== null && !(await tell(deps, instanceId, signal))) return queue.slice(index);
  }
  return [];
}

async function tell({ temporalClient, logger }: ObserverDeps, instanceId: string, fact: InstanceFact): Promise<boolean> {
  try {
    const handle = temporalClient.workflow.getHandle(instanceWorkflowId(instanceId));
    await temporalClient.withDeadline(Date.now() + 5_000, () => handle.signal(InstanceMessage.fact, fact));
    return true;
  } catch (error) {
    // No entity, or one that has ended: there is nobody to tell.
    if (error instanceof WorkflowNotFoundError) return true;
    logger.warn({ instanceId, kind: (error as Error).name }, 'the workflow engine did not take a fact; trying again');
    return false;
  }
}
