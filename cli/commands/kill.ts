import type { WaitOptions } from '../lib/accepted.ts';
import { checkTargets, type SelectOptions } from '../lib/bulk.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { confirm } from '../lib/prompt.ts';
import { lifecycle } from './lifecycle.ts';

/** `claw kill NAME…`: asks first, because what the claw is doing is lost. */
export async function kill(context: Context, words: readonly string[], options: WaitOptions & SelectOptions & { readonly force?: boolean }): Promise<void> {
  checkTargets('kill', words, options);
  const yes = options.yes === true || options.force === true;
  const question = `Kill ${words.join(', ')}? What it is doing now is lost; its data stays.`;
  if (options.labels === undefined && !yes && !(await confirm(context.io, question, '--force')))
    throw new CliError(ExitCode.failed, 'Nothing was killed.', { code: 'NOT_AGREED' });
  await lifecycle('kill', context, words, { ...options, yes });
}
