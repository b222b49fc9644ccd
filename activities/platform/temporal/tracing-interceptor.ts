import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { type EndedWork, TRACE_HEADER } from '../../../workflows/contracts/telemetry.ts';
import type { Tracing } from '../tracing/tracing.ts';

/** A span around every activity that a traced piece of work calls. */
export function createTracingInterceptor(tracing: Tracing): (context: Context) => ActivityInterceptors {
  return ({ info }) => ({
    inbound: {
      execute: (input, next) => {
        const header = input.headers[TRACE_HEADER];
        if (!header) return next(input);
        const parent = defaultPayloadConverter.fromPayload<string>(header);
        const attributes = { 'temporal.workflow.id': info.workflowExecution?.workflowId ?? '', 'temporal.attempt': info.attempt };
        return tracing.during({ name: `activity ${info.activityType}`, kind: 'internal', parent, attributes }, () => next(input));
      },
    },
  });
}

/** The span of a piece of work, told by its workflow when it is over. */
export function recordWork(tracing: Tracing, { kind, result, code, startedAt, endedAt, trace, subject }: EndedWork): void {
  if (!trace) return;
  tracing.record({
    name: `workflow ${kind}`,
    kind: 'internal',
    parent: trace.parent,
    spanId: trace.spanId,
    startedAt: new Date(startedAt),
    endedAt: new Date(endedAt),
    failure: result === 'failed' ? (code ?? 'INTERNAL') : null,
    attributes: { 'clawloops.subject': subject, 'clawloops.result': result },
  });
}
