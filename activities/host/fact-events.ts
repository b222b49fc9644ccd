import type { NewFleetEvent } from '../../prisma/fleet-event.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';

/** The instance whose facts are read, and what the database says of it. */
export interface ObservedInstance {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly hostId: string;
  readonly intentPhase: string;
  /** Hash of the files that it should have, null = unknown. */
  readonly filesHash: string | null;
}

type Of<T extends NewFleetEvent['type']> = Pick<Extract<NewFleetEvent, { readonly type: T }>, 'type' | 'data'>;
type Crash = Of<'instance.crashed'> | Of<'instance.out-of-memory'> | Of<'instance.unresponsive'>;

/** A fact older than this was kept by a bridge whose clock is wrong rather than by one that was away. */
const LATE_MS = 7 * 24 * 3600 * 1000;

/** How often the process had ended by itself when the fact was made: restarts, and the end that waits for its restart. */
function crashes(fact: WorkloadFact): number {
  return fact.restarts + (fact.phase === 'backing-off' ? 1 : 0);
}

/** What a person should hear of the step from one fact of a claw to the next. `before` is null for its first fact. */
export function eventsOfFact(instance: ObservedInstance, before: WorkloadFact | null, fact: WorkloadFact, now: number = Date.now()): NewFleetEvent[] {
  const { tenantId, instanceId, hostId, intentPhase, filesHash } = instance;
  const at = now - Date.parse(fact.at) > LATE_MS ? undefined : fact.at;
  const common = { tenantId, instanceId, hostId, subject: { kind: 'instance' as const, id: instanceId }, ...(at ? { at } : {}) };
  const events: NewFleetEvent[] = [];
  const crashed = crashes(fact) - (before ? crashes(before) : 0);
  if (crashed > 0) events.push({ ...common, count: crashed, ...crashOf(fact) });
  const wasReady = before?.phase === 'running' && before.ready;
  const isReady = fact.phase === 'running' && fact.ready;
  if (intentPhase === 'Running' && isReady && before && !wasReady) events.push({ ...common, type: 'instance.running', data: {} });
  if (intentPhase === 'Running' && wasReady && fact.phase === 'running' && !fact.ready) events.push({ ...common, type: 'instance.degraded', data: {} });
  if (fact.phase === 'blocked' && fact.error && (before?.phase !== 'blocked' || before.error?.code !== fact.error.code))
    events.push({ ...common, type: 'instance.blocked', data: { code: fact.error.code, message: fact.error.message } });
  const sameProcess = before !== null && before.pid !== null && before.pid === fact.pid;
  const otherFiles = sameProcess && fact.filesHash !== null && before.filesHash !== null && fact.filesHash !== before.filesHash;
  if (otherFiles && fact.generation > before.generation) {
    events.push({ ...common, type: 'instance.config-applied', data: { generation: fact.generation } });
  } else if (otherFiles && filesHash !== null && fact.filesHash !== filesHash) {
    events.push({ ...common, type: 'instance.drifted', data: {} });
  }
  return events;
}

/** How the process ended. While it is up again the fact still tells of the end before. */
function crashOf({ error, exitCode, signal, restarts }: WorkloadFact): Crash {
  if (error?.code === 'OUT_OF_MEMORY') return { type: 'instance.out-of-memory', data: { restarts } };
  if (error?.code === 'GATEWAY_UNAVAILABLE') return { type: 'instance.unresponsive', data: { restarts } };
  return { type: 'instance.crashed', data: { exitCode, signal, restarts } };
}
