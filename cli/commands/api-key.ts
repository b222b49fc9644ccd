import type { components } from '../../frontend/src/api/schema.d.ts';
import { type Api, openSession, readPages, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows, type View } from '../lib/output.ts';
import { isId } from '../lib/resolve.ts';
import { age, oneLine } from '../lib/text.ts';

type ApiKey = components['schemas']['ApiKey'];

/** API keys in a list. */
export const API_KEYS: View<ApiKey> = {
  columns: [
    { title: 'ID', cell: (row) => row.id },
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'SCOPES', cell: (row) => row.scopes.join(',') },
    { title: 'AGE', cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'USED', cell: (row, { now }) => age(row.lastUsedAt, now) },
    { title: 'EXPIRES', cell: (row) => row.expiresAt ?? 'never' },
  ],
  name: (row) => row.id,
  empty: 'No API keys.',
};

/** `claw api-key list`. */
export async function listKeys(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/api-keys', { params: { query } })));
  await printRows(context.io, output, API_KEYS, page.items, page);
}

interface NewKeyOptions {
  readonly output: OutputFormat;
  readonly scope?: ('read' | 'write')[];
  readonly role?: NonNullable<ApiKey['role']>;
  readonly project?: string[];
  readonly expiresAt?: string;
}

/** `claw api-key create NAME`: the secret stands alone on standard output, so that it can be piped. */
export async function createKey(context: Context, [name = '']: readonly string[], options: NewKeyOptions): Promise<void> {
  const { api } = await openSession(context);
  const { scope = ['read', 'write'], role, project: projectIds, expiresAt } = options;
  const limits = { ...(role ? { role } : {}), ...(projectIds ? { projectIds } : {}), ...(expiresAt ? { expiresAt } : {}) };
  const made = await take(api.POST('/api-keys', { body: { name, scopes: scope, ...limits } }));
  if (options.output === 'table') context.io.stderr.write(`Key ${made.apiKey.id}. It is shown only now:\n`);
  await printOne(context.io, options.output, made, made.apiKey.id, `${made.secret}\n`);
}

async function findKey(api: Api, word: string): Promise<string> {
  if (isId(word, 'key')) return word;
  const { items } = await readPages((query) => take(api.GET('/api-keys', { params: { query } })));
  const [only, ...others] = items.filter(({ name }) => name === word);
  const nextStep = 'Use an id from claw api-key list.';
  if (!only) throw new CliError(ExitCode.notFound, `There is no key "${word}".`, { code: 'NOT_FOUND', nextStep });
  if (others.length > 0) throw new CliError(ExitCode.conflict, `Several keys are called "${word}".`, { code: 'AMBIGUOUS_NAME', nextStep });
  return only.id;
}

/** `claw api-key rotate KEY`: the new secret stands alone on standard output. */
export async function rotateKey(
  context: Context,
  [word = '']: readonly string[],
  { output, overlap }: { readonly output: OutputFormat; readonly overlap?: number },
): Promise<void> {
  const { api } = await openSession(context);
  const id = await findKey(api, word);
  const body = overlap === undefined ? {} : { overlapSeconds: overlap };
  const made = await take(api.POST('/api-keys/{id}/rotate', { params: { path: { id } }, body: body as { overlapSeconds: number } }));
  if (output === 'table') context.io.stderr.write(`Key ${made.apiKey.id} takes the place of ${id}. It is shown only now:\n`);
  await printOne(context.io, output, made, made.apiKey.id, `${made.secret}\n`);
}

/** `claw api-key revoke KEY`. */
export async function revokeKey(context: Context, [word = '']: readonly string[]): Promise<void> {
  const { api } = await openSession(context);
  const id = await findKey(api, word);
  await takeNothing(api.DELETE('/api-keys/{id}', { params: { path: { id } } }));
  context.io.stdout.write(`Key ${id} is revoked.\n`);
}
