import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import { FAILURES, type FailureCode, type FailureView, isFailureCode } from '../contracts/failures.ts';
import { WORKER_LOST } from '../contracts/task-queues.ts';

/** Why an activity did not succeed. `lost`: its worker is gone, which is nobody's failure. */
export type ActivityProblem = { readonly kind: 'lost' } | { readonly kind: 'failed'; readonly error: FailureView; readonly retryable: boolean };

/** Types of failure of an activity that was given up because its worker shuts down: ours, and the SDK's. */
const GIVEN_UP_AT_SHUTDOWN: readonly unknown[] = [WORKER_LOST, 'WorkerShutdown'];

/** Reads the failure of an activity. Anything unknown is INTERNAL with the table's own sentence. */
export function readActivityError(error: unknown): ActivityProblem {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return cause.timeoutType === 'HEARTBEAT' ? { kind: 'lost' } : problem('TIMEOUT');
  if (cause instanceof CancelledFailure) return { kind: 'lost' };
  if (!(cause instanceof ApplicationFailure)) return problem('INTERNAL');
  if (GIVEN_UP_AT_SHUTDOWN.includes(cause.type)) return { kind: 'lost' };
  const code = cause.type && isFailureCode(cause.type) ? cause.type : 'INTERNAL';
  const details = cause.details?.[0] as { readonly nextStep?: string } | undefined;
  return problem(code, code === 'INTERNAL' ? undefined : cause.message, details?.nextStep);
}

function problem(code: FailureCode, message: string = FAILURES[code].title, nextStep: string = FAILURES[code].nextStep): ActivityProblem {
  return { kind: 'failed', error: { code, message, nextStep }, retryable: FAILURES[code].retryable };
}
