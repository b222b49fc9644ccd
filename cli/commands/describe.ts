import type { FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { viewContext } from '../lib/output.ts';
import { findInstance } from '../lib/resolve.ts';
import { formatDescription } from '../views/describe.ts';

const OPERATIONS_SHOWN = 5;
const EVENTS_SHOWN = 8;
const MEASURED_MS = 5 * 60_000;

/** A part that cannot be had does not hide the others; it is told on standard error. */
async function part<T>(context: Context, what: string, pending: Promise<T>): Promise<T | null> {
  try {
    return await pending;
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
    context.io.stderr.write(`The ${what} cannot be shown: ${error.message} (${error.details.code ?? 'FAILED'})\n`);
    return null;
  }
}

/** `claw describe NAME`. */
export async function describe(context: Context, [word = '']: readonly string[]): Promise<void> {
  const { api, ...session } = await openSession(context);
  const instance = await findInstance({ api, ...session }, word);
  const path = { id: instance.id };
  const from = new Date(context.io.now().getTime() - MEASURED_MS).toISOString();
  const [host, config, metrics, usage, events, operations] = await Promise.all([
    part(context, 'host', take(api.GET('/hosts/{id}', { params: { path: { id: instance.spec.placement.hostId } } }))),
    part(context, 'settings', take(api.GET('/instances/{id}/config', { params: { path } }))),
    part(context, 'measurements', take(api.GET('/instances/{id}/metrics', { params: { path, query: { from } } }))),
    part(context, 'usage', take(api.GET('/instances/{id}/usage', { params: { path } }))),
    part(context, 'events', take(api.GET('/instances/{id}/events', { params: { path, query: { limit: EVENTS_SHOWN } } }))),
    part(context, 'operations', take(api.GET('/instances/{id}/operations', { params: { path, query: { limit: OPERATIONS_SHOWN } } }))),
  ]);
  const description = {
    instance,
    hostName: host?.name ?? null,
    provenance: config?.provenance ?? null,
    metrics,
    usage,
    events: (events?.items as unknown as readonly FleetEventView[] | undefined) ?? null,
    operations: operations?.items ?? null,
  };
  context.io.stdout.write(formatDescription(description, viewContext(context.io)));
}
