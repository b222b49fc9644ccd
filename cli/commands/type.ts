import { openSession, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { readDocument } from '../lib/document.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { confirm } from '../lib/prompt.ts';
import { CLAW_TYPES } from '../views/claw-type.ts';

/** `claw type list`. */
export async function listTypes(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const list = await take(api.GET('/claw-types'));
  await printRows(context.io, output, CLAW_TYPES, list.items, list);
}

/** `claw type apply -f FILE`: registers the manifest, or replaces the one of the same name. */
export async function applyType(
  context: Context,
  _args: readonly string[],
  { file, output }: { readonly file: string; readonly output: OutputFormat },
): Promise<void> {
  const manifest = await readDocument(context, file, 'a manifest');
  const { api } = await openSession(context);
  const type = await take(api.POST('/claw-types', { body: manifest }));
  await printOne(context.io, output, type, type.name, `${type.name} is registered with version ${type.versions.join(', ')}.\n`);
}

/** `claw type remove NAME`. */
export async function removeType(context: Context, [name = '']: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  const { api } = await openSession(context);
  if (!yes && !(await confirm(context.io, `Remove the claw type ${name}?`, '--yes'))) throw new CliError(ExitCode.failed, `${name} was not removed.`);
  await takeNothing(api.DELETE('/claw-types/{name}', { params: { path: { name } } }));
  context.io.stdout.write(`${name} is removed.\n`);
}
