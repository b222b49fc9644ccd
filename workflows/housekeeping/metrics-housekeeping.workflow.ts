import { metricsPasses } from '../lib/proxies.ts';

/** One pass over the metrics of claws and hosts; a schedule runs it every minute. What one pass leaves the next one does. */
export async function metricsHousekeepingWorkflow(): Promise<void> {
  await metricsPasses.rollUpMetrics();
}
