import { continueAsNew, sleep } from '@temporalio/workflow';
import { metricsPasses } from '../lib/proxies.ts';

/**
 * Passes over the metrics of claws and hosts, one after the other with a pause between them. It stands for ever instead of being started
 * by a Schedule: that hands what one run left to the next, whose payloads open for their own workflow only.
 */
export async function metricsHousekeepingWorkflow(input: { readonly everyMilliseconds: number; readonly passesPerRun: number }): Promise<void> {
  for (let pass = 0; pass < input.passesPerRun; pass += 1) {
    await metricsPasses.rollUpMetrics();
    await sleep(input.everyMilliseconds);
  }
  await continueAsNew<typeof metricsHousekeepingWorkflow>(input);
}
