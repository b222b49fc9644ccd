import type { InstanceFact } from './instance.ts';
import type { WorkloadFact } from './workload.ts';

const KIND_OF_PHASE = {
  preparing: 'pending',
  starting: 'running',
  stopping: 'pending',
  running: 'not-ready',
  'backing-off': 'exited',
  stopped: 'stopped',
  removed: 'removed',
  blocked: 'blocked',
} as const satisfies Record<WorkloadFact['phase'], InstanceFact['kind']>;

/**
 * What a fact of a bridge means to the entity of its instance: `running` = the process was started, `ready` = it answers,
 * `not-ready` = it did and does not any more.
 */
export function toInstanceFact(fact: WorkloadFact): InstanceFact {
  const kind = fact.phase === 'running' && fact.ready ? 'ready' : KIND_OF_PHASE[fact.phase];
  const code = fact.error?.code ?? (kind === 'exited' ? 'PROCESS_EXITED' : null);
  return { kind, generation: fact.generation, seq: fact.seq, restarts: fact.restarts, at: fact.at, code, message: fact.error?.message ?? null };
}
