import { continueAsNew } from '@temporalio/workflow';
import { watchers } from '../lib/proxies.ts';

/** Keeps exactly one watcher per host alive: an activity that Temporal moves to another worker when its own is lost. */
export async function hostObserverWorkflow(input: { readonly hostId: string }): Promise<void> {
  await watchers.observeHost({ hostId: input.hostId });
  await continueAsNew<typeof hostObserverWorkflow>(input);
}
