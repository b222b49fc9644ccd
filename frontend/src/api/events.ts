import type { FleetEventView } from '../../../workflows/contracts/fleet-event.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type EventQuery = NonNullable<paths['/events']['get']['parameters']['query']>;

/** What happened, newest first. */
export async function listEvents(query: EventQuery): Promise<Page<FleetEventView>> {
  return (await unwrap(api.GET('/events', { params: { query } }))) as unknown as Page<FleetEventView>;
}
