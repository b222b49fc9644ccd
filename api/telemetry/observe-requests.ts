import type { RequestHandler } from 'express';
import type { Tracing } from '../../activities/platform/tracing/tracing.ts';
import { contextOf } from '../http/request-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { routeName } from './route-name.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** What nginx calls it: the client went away before the answer was complete. */
const CLIENT_GONE = 499;

/** Times every request by its route and, when tracing is on, makes it the beginning or a part of a trace. */
export function observeRequests(metrics: ApiMetrics, tracing: Tracing): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const method = METHODS.has(request.method) ? request.method : 'other';
    const context = contextOf(response);
    const parent = request.headers.traceparent;
    const span = tracing.open({
      name: method,
      kind: 'server',
      ...(typeof parent === 'string' ? { parent } : {}),
      attributes: { 'http.request.method': method, 'clawloops.request_id': context.requestId },
    });
    if (span) context.traceparent = span.traceparent;
    response.once('close', () => {
      const route = routeName(request);
      const status = response.writableFinished ? response.statusCode : CLIENT_GONE;
      metrics.request({ route, method, status, seconds: (performance.now() - started) / 1000 });
      span?.rename(`${method} ${route}`);
      span?.set({ 'http.route': route, 'http.response.status_code': status });
      span?.end(status >= 500 ? String(status) : undefined);
    });
    tracing.within(span, next);
  };
}
