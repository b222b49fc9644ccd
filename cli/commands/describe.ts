import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { viewContext } from '../lib/output.ts';
import { findInstance } from '../lib/resolve.ts';
import { formatDescription } from '../views/describe.ts';

const OPERATIONS_SHOWN = 5;

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
  const session = await openSession(context);
  const instance = await findInstance(session, word);
  const path = { id: instance.id };
  const [config, usage, operations] = await Promise.all([
    part(context, 'settings', take(session.api.GET('/instances/{id}/config', { params: { path } }))),
    part(context, 'usage', take(session.api.GET('/instances/{id}/usage', { params: { path } }))),
    part(context, 'operations', take(session.api.GET('/instances/{id}/operations', { params: { path, query: { limit: OPERATIONS_SHOWN } } }))),
  ]);
  const description = { instance, provenance: config?.provenance ?? null, usage, operations: operations?.items ?? [] };
  context.io.stdout.write(formatDescription(description, viewContext(context.io)));
}
