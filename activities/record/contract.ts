import type { FailureView } from '../../workflows/contracts/failures.ts';
import type { Condition, Phase } from '../../workflows/contracts/instance.ts';
import type { OperationControl, OperationState, OperationStep } from '../../workflows/contracts/operation.ts';

/** The operation as the entity sees it. An operation that has ended is never changed again. */
export interface OperationRecord {
  readonly id: string;
  readonly state: OperationState;
  readonly steps: readonly OperationStep[];
  readonly error: FailureView | null;
  readonly allowed: readonly OperationControl[];
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface InstanceRecord {
  readonly phase: Phase;
  readonly reason: string | null;
  readonly message: string | null;
  readonly conditions: readonly Condition[];
  readonly configHash: string | null;
  readonly version: string | null;
  /** Generation whose desired state has been carried out, null = as before. */
  readonly appliedGeneration: number | null;
}

/** One step of the projection. Without an operation it is dropped while one runs: that one writes what is true. */
export interface RecordInput {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly operation: OperationRecord | null;
  readonly instance: InstanceRecord | null;
}

export interface RecordActivities {
  /** Writes both projections and their events in one transaction; repeated or late writes change nothing. */
  recordProgress(input: RecordInput): Promise<void>;
}
