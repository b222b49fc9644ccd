import { cancellationSignal } from '@temporalio/activity';
import type { HostActivities } from './contract.ts';
import { type ObserverDeps, observeHost } from './observe-host.ts';

/** The activities of hosts over what the process has. */
export function createHostActivities(deps: ObserverDeps): HostActivities {
  return { observeHost: ({ hostId }) => observeHost(deps, hostId, cancellationSignal()) };
}
