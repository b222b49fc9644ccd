import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { AsyncLocalStorage, proxySinks, type Sinks, uuid4, type WorkflowInterceptors } from '@temporalio/workflow';
import { type EndedWork, type TelemetrySinks, TRACE_HEADER } from '../contracts/telemetry.ts';

/** A place in a trace. `traceparent` makes others a part of this piece of work. */
export interface WorkTrace {
  readonly parent: string;
  readonly spanId: string;
  readonly traceparent: string;
}

const underWay = new AsyncLocalStorage<WorkTrace | null>();
const sinks = proxySinks<TelemetrySinks & Sinks>();

/** The place of a new piece of work below that of whoever asked for it; null when that is not traced. */
export function traceOf(parent: string | undefined): WorkTrace | null {
  const [version, traceId, , flags] = parent?.split('-') ?? [];
  if (!parent || !traceId || !flags) return null;
  const spanId = uuid4().replaceAll('-', '').slice(0, 16);
  return { parent, spanId, traceparent: [version, traceId, spanId, flags].join('-') };
}

/** Runs `work`; the activities that it calls are parts of the trace. It adds no step of its own to the order of what happens. */
export function withTrace<T>(trace: WorkTrace | null, work: () => Promise<T>): Promise<T> {
  return underWay.run(trace, work);
}

/** Tells the worker, once and not again on a replay, that a piece of work has ended. */
export function tellEnded(trace: WorkTrace | null, work: Omit<EndedWork, 'trace'>): void {
  sinks.telemetry.workEnded({ ...work, trace: trace && { parent: trace.parent, spanId: trace.spanId } });
}

/** Not asynchronous: a workflow must do the same things in the same order whether it is traced or not. */
function traced<I extends { readonly headers: Headers }>(input: I): I {
  const trace = underWay.getStore();
  return trace ? { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(trace.traceparent) } } : input;
}

/** Part of every bundle; found by this name. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) => next(traced(input)),
      scheduleLocalActivity: (input, next) => next(traced(input)),
    },
  ],
});
