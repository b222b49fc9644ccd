import type { FailureCode } from './failures.ts';

/** Header in which a workflow hands a W3C traceparent on to its activities. */
export const TRACE_HEADER = 'traceparent';

/** A piece of work of a workflow that is over. */
export interface EndedWork {
  /** What it was: the kind of an operation, or `verify-provider`. */
  readonly kind: string;
  readonly result: 'succeeded' | 'failed' | 'cancelled';
  readonly code: FailureCode | null;
  /** ISO times of the workflow. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Its place in the trace of the request that asked for it; null while that is not traced. */
  readonly trace: { readonly parent: string; readonly spanId: string } | null;
  /** Id of the operation or the provider. */
  readonly subject: string;
}

/** Where workflows tell what has ended, outside of their history. */
export interface TelemetrySinks {
  readonly telemetry: { workEnded(work: EndedWork): void };
}
