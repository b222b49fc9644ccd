import { continueAsNew, sleep } from '@temporalio/workflow';
import type { TenantOrder } from '../contracts/tenant-work.ts';
import { shouldContinueAsNew } from '../lib/continue.ts';
import { tenantSteps } from '../lib/proxies.ts';

const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 30;
const HISTORY_EVENTS = 1000;

/**
 * Takes down every claw of a tenant through the usual operations, looking again until none is left, however long a host is away; then ends
 * the work: of a suspension nothing more, of a deletion the tenant itself. A tenant that was resumed meanwhile ends it at once.
 */
export async function tenantWorkflow(order: TenantOrder): Promise<void> {
  for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS)) {
    const { remaining, obsolete } = await tenantSteps.drainTenant(order);
    if (obsolete) return;
    if (remaining === 0) return tenantSteps.endTenantWork(order);
    await sleep(`${pause} seconds`);
    if (shouldContinueAsNew(HISTORY_EVENTS)) await continueAsNew<typeof tenantWorkflow>(order);
  }
}
