/** What a span says besides its name: ids, codes and numbers, never a body, a header or a credential. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  /** W3C traceparent of what this is a part of; without it that is the span under way, if there is one. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

/** A span under way. */
export interface OpenSpan {
  /** What makes others a part of it, as W3C writes it. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** `failure`: the code of what went wrong. */
  end(failure?: string): void;
}

/** A span that is over, told by somebody who could not tell it while it ran. */
export interface PastSpan extends SpanStart {
  readonly parent: string;
  /** 16 hexadecimal digits under which others already are a part of it. */
  readonly spanId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly failure: string | null;
}

/** Follows one piece of work through all processes. */
export interface Tracing {
  /** Begins a span; null while nothing is traced. */
  open(start: SpanStart): OpenSpan | null;
  /** Runs `work` as a part of the span. */
  within<T>(span: OpenSpan | null, work: () => T): T;
  /** Runs `work` in a span of its own; `work` is given the traceparent to hand on. Rethrows what it throws. */
  during<T>(start: SpanStart, work: (traceparent: string | undefined) => Promise<T>): Promise<T>;
  record(span: PastSpan): void;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}

/** Traces nothing and hands on what it was given. */
export const noTracing: Tracing = {
  open: () => null,
  within: (_span, work) => work(),
  during: ({ parent }, work) => work(parent),
  record: () => undefined,
  close: async () => undefined,
};

/**
 * Traces when the standard variables of OpenTelemetry name a collector (`OTEL_EXPORTER_OTLP_ENDPOINT` or
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`); otherwise nothing of it is even loaded.
 */
export async function startTracing(service: string, env: NodeJS.ProcessEnv): Promise<Tracing> {
  const isWanted = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!isWanted || env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return noTracing;
  const { createOpenTelemetry } = await import('./open-telemetry.ts');
  return createOpenTelemetry(service, env);
}
