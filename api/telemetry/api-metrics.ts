import { Counter, Histogram, type Registry } from 'prom-client';
import { createRegistry } from '../../activities/platform/metrics/process-metrics.ts';

export interface ObservedRequest {
  /** Template of the path. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

export interface ObservedModelCall {
  /** As it is configured; null when what was asked for was not found. */
  readonly target: { readonly provider: string; readonly model: string } | null;
  readonly status: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly firstByteMs: number | null;
}

/** Numbers of the API process. */
export interface ApiMetrics {
  readonly registry: Registry;
  request(request: ObservedRequest): void;
  modelCall(call: ObservedModelCall): void;
}

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const MODEL_SECONDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
/** Providers are named by tenants: more pairs of provider and model than this are counted together as `other`. */
const MOST_MODELS = 200;

export function createApiMetrics(mostModels = MOST_MODELS): ApiMetrics {
  const registry = createRegistry('api');
  const registers = [registry];
  const requests = new Histogram({
    name: 'clawloops_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, by path template. Waiting (?wait=) is part of it.',
    labelNames: ['route', 'method', 'status_class'] as const,
    buckets: REQUEST_SECONDS,
    registers,
  });
  const calls = new Counter({
    name: 'clawloops_model_requests_total',
    help: 'Model requests of claws. Status 499: the claw went away; 0: nothing was answered.',
    labelNames: ['provider', 'model', 'status'] as const,
    registers,
  });
  const tokens = new Counter({
    name: 'clawloops_model_tokens_total',
    help: 'Tokens that claws sent (prompt) and got (completion).',
    labelNames: ['provider', 'model', 'direction'] as const,
    registers,
  });
  const firstByte = new Histogram({
    name: 'clawloops_model_first_byte_seconds',
    help: 'Time from a model request to the first byte of its answer.',
    labelNames: ['provider', 'model'] as const,
    buckets: MODEL_SECONDS,
    registers,
  });
  const known = new Set<string>();
  const labelsOf = (target: ObservedModelCall['target']) => {
    if (!target) return { provider: 'unknown', model: 'unknown' };
    const name = `${target.provider}/${target.model}`;
    if (known.size < mostModels) known.add(name);
    return known.has(name) ? { provider: target.provider, model: target.model } : { provider: 'other', model: 'other' };
  };
  return {
    registry,
    request: ({ route, method, status, seconds }) => requests.observe({ route, method, status_class: `${Math.floor(status / 100)}xx` }, seconds),
    modelCall: ({ target, status, promptTokens, completionTokens, firstByteMs }) => {
      const labels = labelsOf(target);
      calls.inc({ ...labels, status });
      if (promptTokens > 0) tokens.inc({ ...labels, direction: 'prompt' }, promptTokens);
      if (completionTokens > 0) tokens.inc({ ...labels, direction: 'completion' }, completionTokens);
      if (firstByteMs !== null) firstByte.observe(labels, firstByteMs / 1000);
    },
  };
}
