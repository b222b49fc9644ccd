import type { FailureCode, FailureView } from '../contracts/failures.ts';
import type { Condition, InstanceCommand, InstanceFact, Phase } from '../contracts/instance.ts';
import type { OperationControl, OperationState, OperationStep } from '../contracts/operation.ts';

/** What ended the normal course of an operation before its last step did. */
export type Interruption = { readonly by: 'cancel' | 'give-up' } | { readonly by: 'preempted'; readonly operationId: string };

/** A command that waits. `withdrawn`: a person cancelled it meanwhile. */
export interface QueuedCommand extends InstanceCommand {
  readonly withdrawn?: true;
}

/** The operation being worked on, as it is shown and as it is needed to go on. */
export interface OperationProgress {
  readonly command: InstanceCommand;
  /** Phase to fall back to when the operation ends without having changed anything. */
  readonly priorPhase: Phase;
  /** Generation of the workload this operation writes; the command's own, or a later one when that was overtaken. */
  readonly generation: number;
  readonly state: OperationState;
  readonly steps: readonly OperationStep[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: FailureView | null;
  readonly interruption: Interruption | null;
  readonly retryNow: boolean;
  /** Steps after which nothing of the operation's effect on the workload has been missed. */
  readonly applied: boolean;
  readonly compensating: boolean;
}

/** Everything an entity carries across continue-as-new. Plain JSON. */
export interface InstanceState {
  readonly phase: Phase;
  readonly reason: FailureCode | null;
  readonly message: string | null;
  readonly conditions: readonly Condition[];
  /** Accepted commands that wait, by `seq`. */
  readonly queue: readonly QueuedCommand[];
  /** Ids of the last commands that were taken up, oldest first. */
  readonly processed: readonly string[];
  readonly highestSeq: number;
  readonly operation: OperationProgress | null;
  /** What the runtime was last told: generation 0 = nothing yet. */
  readonly workload: { readonly generation: number; readonly wanted: 'none' | 'running' | 'stopped' | 'removed' };
  readonly applied: { readonly version: string; readonly configHash: string } | null;
  readonly newest: InstanceFact | null;
  /** Facts that arrived while nothing runs and that may ask for a repair. */
  readonly facts: readonly InstanceFact[];
  /** The fact that settles a Failed phase by itself, e.g. a claw that became ready after its start had been given up on. */
  readonly settlesOn: 'ready' | 'stopped' | null;
  /** Times (ms) of exits and repairs within the window of the circuit. */
  readonly repairs: readonly number[];
  readonly countedRestarts: number | null;
}

/** What the query `view` answers. */
export interface InstanceEntityView {
  readonly phase: Phase;
  readonly operation: {
    readonly id: string;
    readonly kind: string;
    readonly state: OperationState;
    readonly step: string | null;
    readonly allowed: readonly OperationControl[];
  } | null;
  readonly queued: readonly string[];
  readonly workload: InstanceState['workload'];
  readonly repairs: number;
  readonly highestSeq: number;
}

export function newInstance(): InstanceState {
  return {
    phase: 'Creating',
    reason: null,
    message: null,
    conditions: [],
    queue: [],
    processed: [],
    highestSeq: 0,
    operation: null,
    workload: { generation: 0, wanted: 'none' },
    applied: null,
    newest: null,
    facts: [],
    settlesOn: null,
    repairs: [],
    countedRestarts: null,
  };
}
