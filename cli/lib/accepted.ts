import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import { operationTitle } from '../views/steps.ts';
import { type Session, take } from './client.ts';
import { CliError, ExitCode, formatError } from './errors.ts';
import type { Io } from './io.ts';
import { type OutputFormat, printOne } from './output.ts';
import { operationError, waitForOperation } from './wait.ts';

/** The API's answer to everything that takes time. */
export interface Accepted {
  readonly operation: OperationView;
  readonly instance?: InstanceView | undefined;
}

/** Options of every command that starts an operation. */
export interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output: OutputFormat;
}

/** The instance as it is now; a destroyed one may be gone already. */
async function instanceNow({ api }: Session, id: string): Promise<Accepted['instance']> {
  try {
    return await take(api.GET('/instances/{id}', { params: { path: { id } } }));
  } catch (error) {
    if (error instanceof CliError && error.exitCode === ExitCode.notFound) return undefined;
    throw error;
  }
}

function sentence({ operation, instance }: Accepted, waited: boolean): string {
  if (!waited) return `${operationTitle(operation)} accepted. Follow it: claw operations watch ${operation.id}\n`;
  return operation.kind === 'destroy' || !instance ? `${operation.target.name} is destroyed.\n` : `${instance.name} is ${instance.status.phase}.\n`;
}

function printAccepted(io: Io, format: OutputFormat, answer: Accepted, waited: boolean): Promise<void> {
  return printOne(io, format, answer, answer.operation.target.name, sentence(answer, waited));
}

/** Ends a command that started an operation: waits if asked to, prints the answer, throws when the operation did not succeed. */
export async function finishAccepted(io: Io, session: Session, answer: Accepted, options: WaitOptions): Promise<void> {
  if (!options.wait) return printAccepted(io, options.output, answer, false);
  const operation = await waitForOperation(io, session, answer.operation.id, options.timeout);
  const failed = operationError(operation);
  if (!failed || options.output !== 'table') {
    await printAccepted(io, options.output, { operation, instance: await instanceNow(session, operation.target.id) }, true);
  }
  if (failed) throw failed;
}

/** The same for an operation that was accepted without a word about its instance. */
export async function finishOperation(io: Io, session: Session, operation: OperationView, options: WaitOptions): Promise<void> {
  const isTold = !options.wait && (options.output === 'json' || options.output === 'yaml');
  await finishAccepted(io, session, { operation, instance: isTold ? await instanceNow(session, operation.target.id) : undefined }, options);
}

/**
 * Starts an operation on each of several instances, all of them before the first is waited for. A failure does not keep the
 * others from being done; the first one is thrown at the end, the others are told on standard error.
 */
export async function finishEach(
  io: Io,
  session: Session,
  words: readonly string[],
  start: (word: string) => Promise<Accepted>,
  options: WaitOptions,
): Promise<void> {
  const failures: CliError[] = [];
  const collect = async <T>(act: () => Promise<T>): Promise<T | null> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
      failures.push(error);
      return null;
    }
  };
  const answers: Accepted[] = [];
  for (const word of words) {
    const answer = await collect(() => start(word));
    if (answer) answers.push(answer);
  }
  for (const answer of answers) await collect(() => finishAccepted(io, session, answer, options));
  const [first, ...others] = failures;
  for (const error of others) io.stderr.write(formatError(error, io));
  if (first) throw first;
}
