import type { InstanceView } from '../../workflows/contracts/instance.ts';
import { openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { type Filters, INSTANCE_KIND, KIND_WORDS, type Kind, kindOf } from '../lib/kinds.ts';
import { type OutputFormat, printRows } from '../lib/output.ts';
import { isId } from '../lib/resolve.ts';
import { type Watched, watchRows } from '../lib/watch.ts';

interface GetOptions extends Filters {
  readonly output: OutputFormat;
  readonly watch?: boolean;
}

const FILTERS = ['labels', 'search', 'phase', 'sort', 'limit'] as const;

/** `get hosts`, `get hosts NAME`, and `get NAME` for an instance. */
function meant(first: string, second: string | undefined): { kind: Kind<unknown>; name: string | undefined } {
  const kind = kindOf(first);
  if (kind) return { kind, name: second };
  if (second !== undefined) throw usageError(`There is no kind "${first}".`, `Kinds are ${KIND_WORDS.join(', ')}.`);
  return { kind: INSTANCE_KIND, name: first };
}

async function tenantRoom({ api }: Session): Promise<string> {
  return `tenant:${(await take(api.GET('/me'))).tenant.id}`;
}

async function watchedList(session: Session, kind: Kind<unknown>, filters: Filters): Promise<Watched<unknown>> {
  return {
    room: await tenantRoom(session),
    view: kind.view,
    look: async () => (await kind.list(session, filters)).items,
    find: (key) => kind.find(session, key),
    ended: () => false,
  };
}

/** One resource: it is followed by its id, so that a namesake that comes after it is not taken for it. */
async function watchedOne(session: Session, kind: Kind<unknown>, name: string): Promise<Watched<unknown>> {
  const first = await kind.find(session, name);
  const key = (first as { readonly id?: string }).id ?? name;
  let found: unknown = first;
  const room = isId(key, 'ins') ? `instance:${key}` : isId(key, 'op') ? `operation:${key}` : await tenantRoom(session);
  const isOver = (row: unknown): boolean => kind === INSTANCE_KIND && (row as InstanceView).status.phase === 'Destroyed';
  return {
    room,
    view: kind.view,
    async look() {
      const known = found;
      found = undefined;
      if (known !== undefined) return [known];
      return kind.find(session, key).then(
        (row) => [row],
        (error: unknown) => {
          if (error instanceof CliError && error.exitCode === ExitCode.notFound) return [];
          throw error;
        },
      );
    },
    find: (word) => kind.find(session, word),
    ended: (rows) => rows.every(isOver),
  };
}

/** `claw get [kind] [NAME]`; with `--watch` it goes on printing what changes. */
export async function get(context: Context, [first = 'instances', second]: readonly string[], options: GetOptions): Promise<void> {
  const { kind, name } = meant(first, second);
  const refused = FILTERS.find((filter) => options[filter] !== undefined && (name !== undefined || !kind.filters.includes(filter)));
  if (refused) throw usageError(`--${refused} cannot be used here.`);
  const session = await openSession(context);
  if (options.watch) {
    const watched = name === undefined ? await watchedList(session, kind, options) : await watchedOne(session, kind, name);
    return watchRows(context.io, session, options.output, watched);
  }
  if (name !== undefined) {
    const resource = await kind.find(session, name);
    return printRows(context.io, options.output, kind.view, [resource], resource);
  }
  const page = await kind.list(session, options);
  await printRows(context.io, options.output, kind.view, page.items, page);
}
