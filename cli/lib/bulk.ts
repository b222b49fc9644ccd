import { randomUUID } from 'node:crypto';
import type { components } from '../../frontend/src/api/schema.d.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import { formatAffected } from '../views/affected.ts';
import { finishOperation, type WaitOptions } from './accepted.ts';
import { readPages, type Session, take } from './client.ts';
import { CliError, ExitCode, usageError } from './errors.ts';
import type { Io } from './io.ts';
import { viewContext } from './output.ts';

/** Options of a command that takes names or a label selector. */
export interface SelectOptions {
  readonly labels?: string;
  readonly yes?: boolean;
}

/** A command is for those that are named or for those that a selector finds; never for all because nothing was said. */
export function checkTargets(verb: string, words: readonly string[], { labels }: SelectOptions): void {
  if (labels === undefined && words.length === 0) throw usageError('It is not said which instances.', `claw ${verb} NAME, or claw ${verb} --labels env=dev`);
  if (labels !== undefined && words.length > 0) throw usageError('Names and --labels cannot both be.');
  if (labels?.trim() === '') throw usageError('--labels is empty and would mean every instance.', 'Say which: --labels env=dev');
}

/** Why one of several was not done. */
export interface Refusal {
  readonly name: string;
  readonly error: CliError;
}

/** The one error for those of `total` that were not done, null when all were. */
export function refusalError(refusals: readonly Refusal[], total: number): CliError | null {
  if (refusals.length === 0) return null;
  return new CliError(ExitCode.failed, `${refusals.length} of ${total} could not be done.`, {
    code: 'PARTLY_REFUSED',
    nextStep: refusals.length < total ? 'The others are done or under way: claw get' : undefined,
    errors: refusals.map(({ name, error }) => ({ path: name, message: `${error.message}${error.details.code ? ` (${error.details.code})` : ''}` })),
  });
}

/** A bulk command: what is done to all that a selector finds, and how a person agrees to it. */
export interface Bulk {
  readonly verb: string;
  readonly selector: string;
  readonly action: components['schemas']['BulkAction'];
  /** False: nothing is done. Not called with `--yes`. */
  agree(instances: readonly InstanceView[]): Promise<boolean>;
}

/** Few enough that a busy platform answers in time. */
const PER_REQUEST = 100;

async function attempt<R>(act: () => Promise<R>): Promise<R | CliError> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
    return error;
  }
}

/** The operations stand in the order of the instances. */
async function startAll({ api }: Session, instances: readonly InstanceView[], action: Bulk['action']): Promise<[OperationView[], Refusal[]]> {
  const requestId = randomUUID();
  const refusals: Refusal[] = [];
  for (let from = 0; from < instances.length; from += PER_REQUEST) {
    const some = instances.slice(from, from + PER_REQUEST);
    const body = { ids: some.map(({ id }) => id), action };
    const answer = await attempt(() => take(api.POST('/instances/bulk', { body, headers: { 'x-request-id': requestId } })));
    for (const [index, { name }] of some.entries()) {
      const refusal = answer instanceof CliError ? null : answer.items[index]?.refusal;
      const error = answer instanceof CliError ? answer : refusal && new CliError(ExitCode.failed, refusal.message, { code: refusal.code });
      if (error) refusals.push({ name, error });
    }
  }
  if (refusals.length === instances.length) return [[], refusals];
  const { items } = await readPages((page) => take(api.GET('/operations', { params: { query: { ...page, requestId } } })));
  const started = new Map(items.map((operation) => [operation.target.id, operation]));
  return [instances.flatMap(({ id }) => started.get(id) ?? []), refusals];
}

/**
 * Shows on standard error who is affected, asks, and starts the operation on exactly those, by id: what gets or loses the label
 * meanwhile changes nothing. Those that were refused are told together at the end, with exit code 1.
 */
export async function runBulk(io: Io, session: Session, bulk: Bulk, options: WaitOptions & SelectOptions): Promise<void> {
  const { verb, selector } = bulk;
  const { items } = await readPages((page) => take(session.api.GET('/instances', { params: { query: { ...page, labels: selector, sort: 'name' } } })));
  const instances = items.filter(({ status }) => status.phase !== 'Destroyed');
  if (instances.length === 0)
    throw new CliError(ExitCode.notFound, `No instance matches ${selector}.`, { code: 'NOT_FOUND', nextStep: 'See what there is: claw get -o wide' });
  io.stderr.write(formatAffected(verb, selector, instances, { ...viewContext(io), paint: (_format, text) => text }));
  if (!options.yes && !(await bulk.agree(instances))) throw new CliError(ExitCode.failed, 'Nothing was done.', { code: 'NOT_AGREED' });

  const [operations, refusals] = await startAll(session, instances, bulk.action);
  for (const operation of operations) {
    const failed = await attempt(() => finishOperation(io, session, operation, options));
    if (failed) refusals.push({ name: operation.target.name, error: failed });
  }
  const error = refusalError(refusals, instances.length);
  if (error) throw error;
}
