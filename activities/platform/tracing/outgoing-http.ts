import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { OpenSpan, SpanStart } from './tracing.ts';

const CREATED = 'http.client.request.created';
const ANSWERED = 'http.client.response.finish';
const FAILED = 'http.client.request.error';

/**
 * Gives every HTTP request that is made as a part of a span one of its own, and hands the trace on in its header. Of a request only
 * method, host, port and status are kept: paths and headers may hold what is secret. The result ends it.
 */
export function followOutgoingHttp(underWay: () => OpenSpan | null, open: (start: SpanStart) => OpenSpan): () => void {
  const spans = new WeakMap<ClientRequest, OpenSpan>();
  const created = (message: unknown) => {
    const parent = underWay();
    const { request } = message as { request: ClientRequest };
    if (!parent || request.headersSent) return;
    const port = Number(/:([0-9]{1,5})$/.exec(String(request.getHeader('host') ?? ''))?.[1] ?? (request.protocol === 'https:' ? 443 : 80));
    const span = open({
      name: request.method,
      kind: 'client',
      parent: parent.traceparent,
      attributes: { 'http.request.method': request.method, 'server.address': request.host, 'server.port': port },
    });
    request.setHeader('traceparent', span.traceparent);
    spans.set(request, span);
  };
  const end = (request: ClientRequest, failure: string | undefined, status?: number) => {
    const span = spans.get(request);
    if (!span) return;
    spans.delete(request);
    if (status !== undefined) span.set({ 'http.response.status_code': status });
    span.end(failure);
  };
  const answered = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const status = response.statusCode ?? 0;
    end(request, status >= 500 ? String(status) : undefined, status);
  };
  const failed = (message: unknown) => {
    const { request, error } = message as { request: ClientRequest; error: NodeJS.ErrnoException };
    end(request, error.code ?? error.name);
  };
  const all = [
    [CREATED, created],
    [ANSWERED, answered],
    [FAILED, failed],
  ] as const;
  for (const [channel, listener] of all) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of all) unsubscribe(channel, listener);
  };
}
