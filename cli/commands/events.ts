import type { FleetEventView, Severity } from '../../workflows/contracts/fleet-event.ts';
import { openSession, readPages, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printRows } from '../lib/output.ts';
import { findHost, findInstance } from '../lib/resolve.ts';
import { watchRows } from '../lib/watch.ts';
import { EVENTS } from '../views/event.ts';

interface EventsOptions {
  readonly output: OutputFormat;
  readonly severity?: Severity;
  readonly type?: string;
  readonly host?: string;
  /** Reads the moment when the time is known. */
  readonly since?: (now: Date) => string;
  readonly limit: number;
  readonly watch?: boolean;
}

/** While it is watched more may happen between two looks than a list shows. */
const WATCHED = 200;

/** `claw events [NAME]`: oldest first, so that the newest stand where a person looks, and what a watch adds follows them. */
export async function events(context: Context, [word]: readonly string[], { output, severity, type, host, since, limit, watch }: EventsOptions): Promise<void> {
  const session = await openSession(context);
  const [instance, onHost] = await Promise.all([word ? findInstance(session, word) : null, host ? findHost(session, host) : null]);
  const filter = {
    ...(instance ? { instance: instance.id } : {}),
    ...(onHost ? { host: onHost.id } : {}),
    ...(severity ? { severity } : {}),
    ...(type ? { type } : {}),
    ...(since ? { since: since(context.io.now()) } : {}),
  };
  const look = async (most: number) => {
    const page = await readPages((query) => take(session.api.GET('/events', { params: { query: { ...filter, ...query } } })), most);
    return { ...page, items: page.items as unknown as readonly FleetEventView[] };
  };
  if (!watch) {
    const page = await look(limit);
    return printRows(context.io, output, EVENTS, page.items.toReversed(), page);
  }
  return watchRows(context.io, session, output, await watchedEvents(session, instance?.id ?? null, look, limit));
}

async function watchedEvents(
  session: Session,
  instanceId: string | null,
  look: (most: number) => Promise<{ readonly items: readonly FleetEventView[] }>,
  limit: number,
) {
  const room = instanceId ? `instance:${instanceId}` : `tenant:${(await take(session.api.GET('/me'))).tenant.id}`;
  const seen = new Map<string, FleetEventView>();
  let first = true;
  return {
    room,
    view: EVENTS,
    look: async () => {
      const { items } = await look(first ? limit : Math.max(limit, WATCHED));
      // What was beyond the first list stays untold: a watch goes on, it does not go back.
      const told = first ? items : items.filter(({ id, lastAt }) => seen.has(id) || lastAt >= (oldest(seen) ?? ''));
      first = false;
      for (const event of told) seen.set(event.id, event);
      return told.toReversed();
    },
    // An event that is not listed any more has only grown old.
    find: async (id: string) => seen.get(id) as FleetEventView,
    ended: () => false,
  };
}

function oldest(events: ReadonlyMap<string, FleetEventView>): string | undefined {
  return [...events.values()].map(({ lastAt }) => lastAt).sort()[0];
}
