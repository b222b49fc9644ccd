import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { formatAffected } from '../views/affected.ts';
import { type Accepted, finishAccepted, type WaitOptions } from './accepted.ts';
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

/** A bulk command: what it does to each of those that a selector finds, and how a person agrees to it. */
export interface Bulk {
  readonly verb: string;
  readonly selector: string;
  /** False: nothing is done. Not called with `--yes`. */
  agree(instances: readonly InstanceView[]): Promise<boolean>;
  start(instance: InstanceView): Promise<Accepted>;
}

/** Enough to be quick with hundreds, few enough to leave the platform to others. */
const AT_ONCE = 6;

/** Runs `act` on every item, so many at once; the results stand in the order of the items. */
export async function inLanes<T, R>(items: readonly T[], lanes: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await act(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}

async function attempt<R>(name: string, act: () => Promise<R>): Promise<R | Refusal> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
    return { name, error };
  }
}

const isRefusal = (result: unknown): result is Refusal => (result as Refusal | undefined)?.error instanceof CliError;

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

  const started = await inLanes(instances, AT_ONCE, (instance) => attempt(instance.name, () => bulk.start(instance)));
  const refusals = started.filter(isRefusal);
  for (const [index, answer] of started.entries()) {
    if (isRefusal(answer)) continue;
    const failed = await attempt(instances[index]?.name ?? '', () => finishAccepted(io, session, answer, options));
    if (isRefusal(failed)) refusals.push(failed);
  }
  const error = refusalError(refusals, instances.length);
  if (error) throw error;
}
