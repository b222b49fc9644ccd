import { setTimeout as sleep } from 'node:timers/promises';
import type { operations } from '../../frontend/src/api/schema.d.ts';
import { interruptedError, openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, isPassing, usageError } from '../lib/errors.ts';
import type { Io } from '../lib/io.ts';
import { type OutputFormat, printRows, type View } from '../lib/output.ts';
import { TOP_HOSTS, TOP_INSTANCES } from '../views/top.ts';

interface TopOptions {
  readonly output: OutputFormat;
  readonly sort?: NonNullable<operations['getTopInstances']['parameters']['query']>['sort'];
  readonly limit: number;
  readonly watch?: boolean;
}

/** One look: what is listed, and the API's answer. */
interface Look<T> {
  readonly rows: readonly T[];
  readonly answer: unknown;
}

/** Hosts measure every ten seconds. */
const LOOK_MS = 5_000;
const CLEAR = '\u001b[H\u001b[2J';

/** `claw top [NAME…]` and `claw top hosts`; with `--watch` again and again until Ctrl-C. */
export async function top(context: Context, names: readonly string[], options: TopOptions): Promise<void> {
  const session = await openSession(context);
  const { io } = context;
  if (names[0] !== 'hosts') return show(io, session, options, TOP_INSTANCES, () => lookAtInstances(session, names, options));
  if (names.length > 1 || options.sort !== undefined) throw usageError('claw top hosts takes no names and no --sort.');
  return show(io, session, options, TOP_HOSTS, async () => {
    const answer = await take(session.api.GET('/metrics/top/hosts'));
    return { rows: answer.items, answer };
  });
}

async function lookAtInstances({ api }: Session, names: readonly string[], { sort = 'cpu', limit }: TopOptions) {
  const query = { sort, limit, ...(names.length > 0 ? { names: names.join(',') } : {}) };
  const answer = await take(api.GET('/metrics/top', { params: { query } }));
  const missing = names.filter((name) => !answer.items.some((item) => item.name === name || item.id === name));
  // With a limit somebody may be left out who is there.
  if (missing.length > 0 && answer.items.length < limit)
    throw new CliError(ExitCode.notFound, `There is no instance ${missing.join(', ')}.`, { code: 'NOT_FOUND', nextStep: 'See what there is: claw get' });
  return { rows: answer.items, answer };
}

async function show<T>(io: Io, session: Session, { output, watch }: TopOptions, view: View<T>, look: () => Promise<Look<T>>): Promise<void> {
  const first = await look();
  if (!watch) return printRows(io, output, view, first.rows, first.answer);
  const print = async ({ rows, answer }: Look<T>): Promise<void> => {
    if (output === 'json') return void io.stdout.write(`${JSON.stringify(answer)}\n`);
    if (io.stdout.isTTY) io.stdout.write(CLEAR);
    await printRows(io, output, view, rows, answer);
  };
  await print(first);
  for (let away = false; ; ) {
    await sleep(LOOK_MS, undefined, { signal: session.signal }).catch(() => undefined);
    if (session.signal.aborted) throw interruptedError();
    const next = await look().catch((error: unknown) => {
      if (isPassing(error)) return null;
      throw error;
    });
    if (next) await print(next);
    else if (!away) io.stderr.write('The platform does not answer; watching goes on.\n');
    away = next === null;
  }
}
