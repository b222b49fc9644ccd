import type { components } from '../../frontend/src/api/schema.d.ts';
import type { HostView } from '../../workflows/contracts/host.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { ProviderView } from '../../workflows/contracts/model.ts';
import { readPages, type Session, take } from './client.ts';
import { CliError, ExitCode } from './errors.ts';

/** Whether a word is an id with this prefix rather than a name. */
export function isId(word: string, prefix: string): boolean {
  return new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{20}$`).test(word);
}

function pick<T extends { readonly id: string }>(kind: string, word: string, matches: readonly T[]): T {
  const [only, ...others] = matches;
  if (!only)
    throw new CliError(ExitCode.notFound, `There is no ${kind} "${word}" here.`, { code: 'NOT_FOUND', nextStep: `See what there is: claw get ${kind}s` });
  if (others.length > 0)
    throw new CliError(ExitCode.conflict, `Several ${kind}s are called "${word}": ${matches.map(({ id }) => id).join(', ')}.`, {
      code: 'AMBIGUOUS_NAME',
      nextStep: 'Use the id.',
    });
  return only;
}

/** The instance that is meant by a name or an id. */
export async function findInstance({ api }: Session, word: string): Promise<InstanceView> {
  if (isId(word, 'ins')) return take(api.GET('/instances/{id}', { params: { path: { id: word } } }));
  const { items } = await readPages((page) => take(api.GET('/instances', { params: { query: { ...page, q: word, sort: 'name' } } })));
  const named = items.filter(({ name }) => name === word);
  const living = named.filter(({ status }) => status.phase !== 'Destroyed');
  return pick('instance', word, living.length > 0 ? living : named);
}

/** The host that is meant by a name or an id. */
export async function findHost({ api }: Session, word: string): Promise<HostView> {
  if (isId(word, 'hst')) return take(api.GET('/hosts/{id}', { params: { path: { id: word } } }));
  const { items } = await readPages((page) => take(api.GET('/hosts', { params: { query: page } })));
  return pick(
    'host',
    word,
    items.filter(({ name }) => name === word),
  );
}

/** The config that is meant by a name or an id. */
export async function findConfig({ api }: Session, word: string): Promise<components['schemas']['Config']> {
  if (isId(word, 'cfg')) return take(api.GET('/configs/{id}', { params: { path: { id: word } } }));
  const { items } = await readPages((page) => take(api.GET('/configs', { params: { query: { ...page, q: word } } })));
  const named = items.filter(({ name }) => name === word);
  if (named.length === 0)
    throw new CliError(ExitCode.notFound, `There is no config "${word}" here.`, { code: 'NOT_FOUND', nextStep: 'See what there is: claw config list' });
  return pick('config', word, named);
}

/** The provider that is meant by a name or an id. */
export async function findProvider({ api }: Session, word: string): Promise<ProviderView> {
  if (isId(word, 'prv')) return take(api.GET('/providers/{id}', { params: { path: { id: word } } }));
  const { items } = await readPages((page) => take(api.GET('/providers', { params: { query: page } })));
  return pick(
    'provider',
    word,
    items.filter(({ name }) => name === word),
  );
}
