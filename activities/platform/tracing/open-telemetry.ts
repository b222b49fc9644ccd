import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { followOutgoingHttp } from './outgoing-http.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { OpenSpan, PastSpan, SpanStart, Tracing } from './tracing.ts';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const CLOSE_MS = 3_000;

/** Traces with OpenTelemetry's SDK; the exporter reads its own standard variables. */
export function createOpenTelemetry(service: string, env: NodeJS.ProcessEnv): Tracing {
  const underWay = new AsyncLocalStorage<OpenSpan | null>();
  const ids = new RandomIdGenerator();
  let chosenSpanId: string | null = null;
  const delay = Number(env.OTEL_BSP_SCHEDULE_DELAY);
  const batches = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...(delay > 0 ? { scheduledDelayMillis: delay } : {}) });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service, 'service.namespace': 'clawloops' }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(env),
    idGenerator: { generateTraceId: () => ids.generateTraceId(), generateSpanId: () => chosenSpanId ?? ids.generateSpanId() },
    spanProcessors: [outside(underWay, batches)],
  });
  const tracer = provider.getTracer('clawloops');

  const start = ({ name, kind, parent = underWay.getStore()?.traceparent, attributes = {} }: SpanStart, startTime?: Date): Span => {
    const spanContext = parseTraceparent(parent);
    const context = spanContext ? trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, isRemote: true }) : ROOT_CONTEXT;
    return tracer.startSpan(name, { kind: KINDS[kind], attributes, ...(startTime ? { startTime } : {}) }, context);
  };
  const open = (options: SpanStart): OpenSpan => toOpenSpan(start(options));
  const tracing: Tracing = {
    open,
    within: (span, work) => underWay.run(span, work),
    during: async (options, work) => {
      const span = open(options);
      try {
        const result = await underWay.run(span, () => work(span.traceparent));
        span.end();
        return result;
      } catch (error) {
        span.end(codeOf(error));
        throw error;
      }
    },
    record: ({ spanId, startedAt, endedAt, failure, ...options }: PastSpan) => {
      chosenSpanId = spanId;
      const span = start(options, startedAt);
      chosenSpanId = null;
      if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end(endedAt);
    },
    close: async () => {
      unfollow();
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
  const unfollow = followOutgoingHttp(() => underWay.getStore() ?? null, open);
  return tracing;
}

function toOpenSpan(span: Span): OpenSpan {
  return {
    traceparent: formatTraceparent(span.spanContext()),
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(attributes),
    end: (failure) => {
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}

/** The exporter's own requests are no part of what is traced, or each batch would make the next one. */
function outside(underWay: AsyncLocalStorage<OpenSpan | null>, inner: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, context) => inner.onStart(span, context),
    onEnd: (span) => underWay.exit(() => inner.onEnd(span)),
    forceFlush: () => underWay.exit(() => inner.forceFlush()),
    shutdown: () => underWay.exit(() => inner.shutdown()),
  };
}

/** `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; everything is traced without them. */
function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const name = env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on';
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio') && ratio >= 0 && ratio < 1
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** The code or the kind of an error: what it says may repeat what nobody else should read. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'Error');
}
