import type { FailureCode } from '../contracts/failures.ts';
import type { Condition, InstanceCommand, Phase } from '../contracts/instance.ts';
import { Limits } from '../contracts/limits.ts';
import type { OperationKind } from '../contracts/operation.ts';
import { type InstanceState, newInstance } from './state.ts';

/** What the database knows of an instance whose entity is lost or older than the database. */
export interface RecordedInstance {
  /** As the last finished or begun operation left it. */
  readonly phase: Phase;
  readonly reason: FailureCode | null;
  readonly message: string | null;
  readonly conditions: readonly Condition[];
  readonly operationSeq: number;
  /** What the runtime was last told; null = nothing. */
  readonly workload: { readonly generation: number; readonly wanted: 'running' | 'stopped' | 'removed' } | null;
  readonly applied: { readonly version: string; readonly configHash: string } | null;
  readonly restarts: number;
  /** Accepted operations that have not ended. */
  readonly open: readonly (InstanceCommand & { readonly begun: boolean })[];
  /** Ids of operations that have ended, by `seq`. */
  readonly ended: readonly string[];
}

/**
 * The state an entity begins with when it is made anew from the database. Operations that have not ended wait again in their order and
 * begin at their first step: every step may be done twice. Those that have ended are known, so that none is done again.
 */
export function resumedInstance(recorded: RecordedInstance): InstanceState {
  const queue = [...recorded.open].sort((a, b) => a.seq - b.seq);
  const begun = queue.find((command) => command.begun);
  return {
    ...newInstance(),
    phase: begun ? phaseBefore(begun.kind, recorded.workload?.wanted === 'running') : recorded.phase,
    reason: recorded.reason,
    message: recorded.message,
    conditions: recorded.conditions,
    queue: queue.map(({ begun: _, ...command }) => command),
    processed: recorded.ended.slice(-Limits.processedOperations),
    highestSeq: recorded.operationSeq,
    workload: recorded.workload ?? newInstance().workload,
    applied: recorded.applied,
    countedRestarts: recorded.restarts,
  };
}

/** A phase in which an operation that has begun may begin again. */
function phaseBefore(kind: OperationKind, runs: boolean): Phase {
  switch (kind) {
    case 'create':
      return 'Creating';
    case 'retry':
    case 'destroy':
      return 'Failed';
    case 'start':
      return 'Stopped';
    case 'update':
    case 'rotate-key':
      return runs ? 'Running' : 'Stopped';
    case 'restart':
    case 'stop':
    case 'kill':
      return 'Running';
  }
}
