import { readFile } from 'node:fs/promises';
import { openSession, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { readStdin } from '../lib/io.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { confirm } from '../lib/prompt.ts';
import { CLAW_TYPES } from '../views/claw-type.ts';

/** `claw type list`. */
export async function listTypes(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const list = await take(api.GET('/claw-types'));
  await printRows(context.io, output, CLAW_TYPES, list.items, list);
}

async function readManifest(context: Context, file: string): Promise<Record<string, unknown>> {
  const text =
    file === '-'
      ? await readStdin(context.io)
      : await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw usageError(`${file} cannot be read: ${error.code ?? error.message}.`);
        });
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [wrong] = document.errors;
  if (wrong) throw usageError(`${file} is not YAML or JSON: ${wrong.message}`);
  const manifest: unknown = document.toJS();
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
    throw usageError(`${file} does not hold a manifest.`, 'See the examples in docs/examples.');
  return manifest as Record<string, unknown>;
}

/** `claw type apply -f FILE`: registers the manifest, or replaces the one of the same name. */
export async function applyType(
  context: Context,
  _args: readonly string[],
  { file, output }: { readonly file: string; readonly output: OutputFormat },
): Promise<void> {
  const manifest = await readManifest(context, file);
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
