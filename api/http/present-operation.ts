import type { FailureView } from '../../workflows/contracts/failures.ts';
import type { OperationControl, OperationKind, OperationState, OperationStep, OperationView } from '../../workflows/contracts/operation.ts';

/** Columns of an operation and the name of its instance, as OPERATION_COLUMNS selects them. */
export interface OperationRow {
  readonly id: string;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly instance_id: string;
  readonly instance_name: string;
  readonly state: OperationState;
  readonly requested_by: string;
  readonly request_id: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly steps: OperationStep[];
  readonly error: FailureView | null;
  readonly allowed: OperationControl[];
}

/** For `FROM operation o JOIN instance i ON i.id = o.instance_id`. */
export const OPERATION_COLUMNS = `o.id, o.seq, o.kind, o.instance_id, i.name AS instance_name, o.state, o.requested_by, o.request_id,
  o.created_at, o.started_at, o.finished_at, o.steps, o.error, o.allowed`;

export function presentOperation(row: OperationRow): OperationView {
  return {
    id: row.id,
    seq: row.seq,
    kind: row.kind,
    target: { kind: 'instance', id: row.instance_id, name: row.instance_name },
    state: row.state,
    requestedBy: row.requested_by,
    requestId: row.request_id,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    steps: row.steps,
    error: row.error,
    allowed: row.allowed,
  };
}
