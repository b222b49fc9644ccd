import type { components, operations } from '../../frontend/src/api/schema.d.ts';
import type { HostView } from '../../workflows/contracts/host.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { ProviderView } from '../../workflows/contracts/model.ts';
import type { OperationView } from '../../workflows/contracts/operation.ts';
import { CLAW_TYPES } from '../views/claw-type.ts';
import { HOSTS } from '../views/host.ts';
import { INSTANCES } from '../views/instance.ts';
import { MODELS } from '../views/model.ts';
import { OPERATIONS } from '../views/operation.ts';
import { PROVIDERS } from '../views/provider.ts';
import { readPages, type Session, take } from './client.ts';
import { CliError, ExitCode } from './errors.ts';
import type { View } from './output.ts';
import { findHost, findInstance, findProvider } from './resolve.ts';

/** Filters of a list; which of them a kind takes stands in `Kind.filters`. */
export interface Filters {
  readonly labels?: string;
  readonly search?: string;
  readonly phase?: string;
  readonly sort?: string;
  readonly limit?: number;
}

/** How a kind of resource is listed, found by name or id, and shown. */
export interface Kind<T> {
  readonly view: View<T>;
  readonly filters: readonly (keyof Filters)[];
  /** The API's own page; all pages of it in one, up to `limit` rows. */
  list(session: Session, filters: Filters): Promise<{ readonly items: readonly T[] }>;
  find(session: Session, word: string): Promise<T>;
}

type Schemas = components['schemas'];
type Sort = NonNullable<operations['listInstances']['parameters']['query']>['sort'];

/** Operations are history and grow without end, so a list of them is cut unless a limit is given. */
const OPERATIONS_SHOWN = 50;

function pick<T>(kind: string, items: readonly T[], is: (item: T) => boolean, word: string): T {
  const found = items.find(is);
  if (!found) throw new CliError(ExitCode.notFound, `There is no ${kind} "${word}".`, { code: 'NOT_FOUND', nextStep: `See what there is: claw get ${kind}s` });
  return found;
}

const instances: Kind<InstanceView> = {
  view: INSTANCES,
  filters: ['labels', 'search', 'phase', 'sort', 'limit'],
  list({ api }, { labels, search, phase, sort, limit }) {
    const filter = { ...(labels ? { labels } : {}), ...(search ? { q: search } : {}), ...(phase ? { phase } : {}), ...(sort ? { sort: sort as Sort } : {}) };
    return readPages((page) => take(api.GET('/instances', { params: { query: { ...filter, ...page } } })), limit);
  },
  find: findInstance,
};

const operationKind: Kind<OperationView> = {
  view: OPERATIONS,
  filters: ['limit'],
  list: ({ api }, { limit = OPERATIONS_SHOWN }) => readPages((query) => take(api.GET('/operations', { params: { query } })), limit),
  find: ({ api }, id) => take(api.GET('/operations/{id}', { params: { path: { id } } })),
};

const hosts: Kind<HostView> = {
  view: HOSTS,
  filters: ['limit'],
  list: ({ api }, { limit }) => readPages((query) => take(api.GET('/hosts', { params: { query } })), limit),
  find: findHost,
};

const providers: Kind<ProviderView> = {
  view: PROVIDERS,
  filters: ['limit'],
  list: ({ api }, { limit }) => readPages((query) => take(api.GET('/providers', { params: { query } })), limit),
  find: findProvider,
};

const models: Kind<Schemas['Model']> = {
  view: MODELS,
  filters: [],
  list: ({ api }) => take(api.GET('/models')),
  find: async ({ api }, word) => pick('model', (await take(api.GET('/models'))).items, ({ id }) => id === word, word),
};

const types: Kind<Schemas['ClawType']> = {
  view: CLAW_TYPES,
  filters: [],
  list: ({ api }) => take(api.GET('/claw-types')),
  find: async ({ api }, word) => pick('type', (await take(api.GET('/claw-types'))).items, ({ name }) => name === word, word),
};

/** What `claw get NAME` is about. */
export const INSTANCE_KIND = instances as Kind<unknown>;

/** Kinds by every word that names them. */
const BY_WORD = new Map<string, Kind<unknown>>(
  (
    [
      [['instances', 'instance', 'ins'], instances],
      [['operations', 'operation', 'ops', 'op'], operationKind],
      [['hosts', 'host'], hosts],
      [['providers', 'provider'], providers],
      [['models', 'model'], models],
      [['types', 'type'], types],
    ] as [string[], Kind<unknown>][]
  ).flatMap(([words, kind]) => words.map((word) => [word, kind] as const)),
);

/** The words that completion offers. */
export const KIND_WORDS = ['instances', 'operations', 'hosts', 'providers', 'models', 'types'] as const;

/** The kind a word names, undefined when it names none. */
export function kindOf(word: string): Kind<unknown> | undefined {
  return BY_WORD.get(word);
}
