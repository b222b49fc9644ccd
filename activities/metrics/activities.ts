import type pg from 'pg';
import type { MetricKeep } from '../../workflows/contracts/metrics.ts';
import type { MetricsActivities } from './contract.ts';
import { removeOldMetrics } from './remove-old.ts';
import { rollUp } from './roll-up.ts';

export interface MetricsDeps {
  readonly systemPool: pg.Pool;
  readonly metricsKeep: MetricKeep;
}

/** The activities of metrics. */
export function createMetricsActivities({ systemPool, metricsKeep }: MetricsDeps): MetricsActivities {
  return {
    rollUpMetrics: async () => ({
      rolledUp: await rollUp(systemPool),
      removed: await removeOldMetrics(systemPool, metricsKeep),
    }),
  };
}
