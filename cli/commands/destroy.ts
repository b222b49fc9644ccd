import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { type Accepted, finishEach, type WaitOptions } from '../lib/accepted.ts';
import { checkTargets, runBulk, type SelectOptions } from '../lib/bulk.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import type { Io } from '../lib/io.ts';
import { confirm, confirmByTyping } from '../lib/prompt.ts';
import { findInstance } from '../lib/resolve.ts';
import { countText } from '../views/affected.ts';

interface DestroyOptions extends WaitOptions, SelectOptions {
  readonly retain?: boolean;
  readonly wipe?: boolean;
}

function agreed(io: Io, name: string, wipe: boolean): Promise<boolean> {
  return wipe
    ? confirmByTyping(io, `${name} ends for good, and its configuration and data are deleted.`, name, '--yes')
    : confirm(io, `${name} ends for good. Its data folder is kept on the host. Go on?`, '--yes');
}

function allAgreed(io: Io, count: number, wipe: boolean): Promise<boolean> {
  const ending = `${countText(count)} end for good`;
  return wipe
    ? confirmByTyping(io, `${ending}, and their configuration and data are deleted.`, String(count), '--yes')
    : confirm(io, `${ending}. Their data folders are kept on the hosts. Go on?`, '--yes');
}

/** `claw destroy NAME…`: keeps the data unless `--wipe`; asks for the name typed, or the count of several, when data goes. */
export async function destroy(context: Context, words: readonly string[], options: DestroyOptions): Promise<void> {
  const { io } = context;
  if (options.retain && options.wipe) throw usageError('--retain and --wipe cannot both be.');
  checkTargets('destroy', words, options);
  const wipe = options.wipe === true;
  const session = await openSession(context);
  const retention = wipe ? 'wipe' : 'retain';
  if (options.labels !== undefined) {
    const agree = (instances: readonly InstanceView[]) => allAgreed(io, instances.length, wipe);
    const action = { kind: 'destroy', retention } as const;
    return runBulk(io, session, { verb: wipe ? 'destroy and wipe' : 'destroy', selector: options.labels, action, agree }, options);
  }
  const startNamed = async (word: string): Promise<Accepted> => {
    const instance = await findInstance(session, word);
    if (!options.yes && !(await agreed(io, instance.name, wipe))) throw new CliError(ExitCode.failed, `${instance.name} was not destroyed.`);
    return take(session.api.DELETE('/instances/{id}', { params: { path: { id: instance.id }, query: { retention } } }));
  };
  await finishEach(io, session, words, startNamed, options);
}
