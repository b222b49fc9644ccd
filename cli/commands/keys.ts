import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { follow } from '../lib/follow.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { confirm } from '../lib/prompt.ts';
import { age } from '../lib/text.ts';
import { KEY_ROTATIONS } from '../views/audit.ts';

/** `claw keys status`: the key that seals now, and the last rotations. */
export async function keysStatus(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { io } = context;
  const { api } = await openSession(context);
  const found = await take(api.GET('/system/key-rotations'));
  if (found.key && (output === 'table' || output === 'wide'))
    io.stdout.write(`The newest key, ${found.key.id}, is ${age(found.key.createdAt, io.now())} old.\n\n`);
  await printRows(io, output, KEY_ROTATIONS, found.items, found);
}

interface RotateOptions {
  readonly output: OutputFormat;
  readonly wait: boolean;
  readonly timeout: number;
  readonly yes?: boolean;
}

/** `claw keys rotate`: nothing stops meanwhile, and the waiting can be broken off. */
export async function rotateKeys(context: Context, _args: readonly string[], { output, wait, timeout, yes }: RotateOptions): Promise<void> {
  const { io } = context;
  if (!yes && !(await confirm(io, 'Make a new key and seal everything with it? Nothing stops meanwhile.', '--yes')))
    throw new CliError(ExitCode.failed, 'The keys were not rotated.');
  const session = await openSession(context);
  const begun = await take(session.api.POST('/system/key-rotations'));
  const look = async () => (await take(session.api.GET('/system/key-rotations'))).items.find(({ id }) => id === begun.id) ?? begun;
  const ended = !wait
    ? begun
    : await follow(session, {
        room: `tenant:${(await take(session.api.GET('/me'))).tenant.id}`,
        look,
        ended: ({ state }) => state !== 'running',
        onLook: ({ resealed, total }) => {
          if (io.stderr.isTTY && total !== null) io.stderr.write(`${resealed} of ${total} secrets\r`);
        },
        timeoutSeconds: timeout,
        timedOut: { message: `The rotation has not ended within ${timeout} s; it goes on.`, nextStep: 'Look later: claw keys status' },
      });
  const said =
    ended.state === 'running'
      ? `The rotation ${ended.id} runs. Look: claw keys status\n`
      : `${ended.resealed} secrets have the new key${ended.unreadable > 0 ? `; ${ended.unreadable} are opened by no key and were left as they are` : ''}.\n`;
  await printOne(io, output, ended, ended.id, said);
}
