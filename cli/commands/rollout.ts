import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { follow } from '../lib/follow.ts';
import type { Io } from '../lib/io.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { describeRollout, ROLLOUTS, standing, TARGETS } from '../views/rollout.ts';

type Schemas = components['schemas'];
type Deed = Schemas['Rollout']['allowed'][number];

interface Printed {
  readonly output: OutputFormat;
}

/** The rollout with this id, or the newest with this name. */
async function findRollout({ api }: Session, word: string): Promise<string> {
  if (word.startsWith('rol_')) return word;
  const { items } = await readPages((page) => take(api.GET('/rollouts', { params: { query: page } })));
  const found = items.find(({ name }) => name === word);
  if (!found)
    throw new CliError(ExitCode.notFound, `There is no rollout "${word}".`, { code: 'NOT_FOUND', nextStep: 'See which there are: claw rollout list' });
  return found.id;
}

function readRollout({ api }: Session, id: string): Promise<Schemas['Rollout']> {
  return take(api.GET('/rollouts/{id}', { params: { path: { id } } }));
}

/** `claw rollout list`. */
export async function listRollouts(context: Context, _args: readonly string[], { output, active }: Printed & { readonly active?: boolean }): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/rollouts', { params: { query: { ...query, ...(active ? { active: 'true' as const } : {}) } } })));
  await printRows(context.io, output, ROLLOUTS, page.items, page);
}

/** `claw rollout show ROLLOUT`. */
export async function showRollout(context: Context, [word = '']: readonly string[], { output }: Printed): Promise<void> {
  const session = await openSession(context);
  const rollout = await readRollout(session, await findRollout(session, word));
  await printOne(context.io, output, rollout, rollout.id, describeRollout(rollout));
}

/** `claw rollout targets ROLLOUT`. */
export async function listTargets(context: Context, [word = '']: readonly string[], { output }: Printed): Promise<void> {
  const session = await openSession(context);
  const id = await findRollout(session, word);
  const page = await readPages((query) => take(session.api.GET('/rollouts/{id}/targets', { params: { path: { id }, query } })));
  await printRows(context.io, output, TARGETS, page.items, page);
}

/** `claw rollout watch ROLLOUT`. */
export async function watchRollout(context: Context, [word = '']: readonly string[], options: Printed & { readonly timeout: number }): Promise<void> {
  const session = await openSession(context);
  await followRollout(context.io, session, await findRollout(session, word), options);
}

/** Follows a rollout until it ends or waits for a person; an end that is no success is exit code 1. */
export async function followRollout(io: Io, session: Session, id: string, { output, timeout }: Printed & { readonly timeout: number }): Promise<void> {
  let shown = '';
  const rollout = await follow(session, {
    room: `rollout:${id}`,
    look: () => readRollout(session, id),
    ended: ({ phase }) => phase !== 'Progressing' && phase !== 'RollingBack',
    onLook: (view) => {
      const line = standing(view);
      if (line !== shown) io.stderr.write(`${line}\n`);
      shown = line;
    },
    timeoutSeconds: timeout,
    timedOut: { message: 'The rollout has not ended yet.', nextStep: `Follow it again: claw rollout watch ${id}` },
  });
  await printOne(io, output, rollout, rollout.id, describeRollout(rollout));
  if (rollout.phase !== 'Succeeded' && rollout.phase !== 'AwaitingApproval') {
    throw new CliError(ExitCode.failed, `The rollout ${rollout.name} is ${rollout.phase}.`, { nextStep: `Look at it: claw rollout show ${rollout.id}` });
  }
}

/** `claw rollout approve ROLLOUT` and its like. */
export function decide(deed: Deed) {
  return async (context: Context, [word = '']: readonly string[], { output, comment }: Printed & { readonly comment?: string }): Promise<void> => {
    const session = await openSession(context);
    const id = await findRollout(session, word);
    const body = comment === undefined ? {} : { comment };
    const rollout = await take(session.api.POST(`/rollouts/{id}/${deed}`, { params: { path: { id } }, body }));
    await printOne(context.io, output, rollout, id, `Decided: ${deed}. See what becomes of it: claw rollout watch ${id}\n`);
  };
}
