import { Counter, Histogram, type Registry } from 'prom-client';
import type { EndedWork } from '../../../workflows/contracts/telemetry.ts';

const SECONDS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800];

/** Counts the operations that end in this worker. Its result is to be told of each. */
export function measureWork(registry: Registry): (work: EndedWork) => void {
  const ended = new Counter({
    name: 'clawloops_operations_total',
    help: 'Operations that have ended; code: why one failed.',
    labelNames: ['kind', 'result', 'code'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'clawloops_operation_duration_seconds',
    help: 'Time from the beginning of an operation to its end, retries and waits included.',
    labelNames: ['kind', 'result'] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  return ({ kind, result, code, startedAt, endedAt }) => {
    ended.inc({ kind, result, code: code ?? '' });
    duration.observe({ kind, result }, Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  };
}
