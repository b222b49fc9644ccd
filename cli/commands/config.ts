import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { readDocument } from '../lib/document.ts';
import { usageError } from '../lib/errors.ts';
import { formatYaml, type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { askSecret } from '../lib/prompt.ts';
import { findConfig, findInstance } from '../lib/resolve.ts';
import { CHANGES, CONFIGS, SETTINGS, USERS } from '../views/config.ts';

type Schemas = components['schemas'];

interface Output {
  readonly output: OutputFormat;
}

/** `claw config list`. */
export async function listConfigs(context: Context, _args: readonly string[], { output }: Output): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/configs', { params: { query } })));
  await printRows(context.io, output, CONFIGS, page.items, page);
}

interface VersionOption extends Output {
  readonly version?: number;
}

function versionOf({ api }: Session, id: string, version: number): Promise<Schemas['ConfigVersionWithDocument']> {
  return take(api.GET('/configs/{id}/versions/{version}', { params: { path: { id, version } } }));
}

/** `claw config show NAME`: what a version says, as the file that `create` and `edit` take. */
export async function showConfig(context: Context, [word = '']: readonly string[], { version, output }: VersionOption): Promise<void> {
  const session = await openSession(context);
  const config = await findConfig(session, word);
  const shown = await versionOf(session, config.id, version ?? config.latest);
  await printOne(
    context.io,
    output,
    { ...config, version: shown },
    config.name,
    `# ${config.name} ${shown.version}, ${shown.state}\n${await formatYaml(shown.document)}`,
  );
}

/** `claw config instances NAME`: who runs on which version. */
export async function listUsers(
  context: Context,
  [word = '']: readonly string[],
  { outdated, output }: Output & { readonly outdated?: boolean },
): Promise<void> {
  const session = await openSession(context);
  const { id } = await findConfig(session, word);
  const filter = outdated ? { outOfDate: 'true' as const } : {};
  const page = await readPages((query) => take(session.api.GET('/configs/{id}/instances', { params: { path: { id }, query: { ...filter, ...query } } })));
  await printRows(context.io, output, USERS, page.items, page);
}

interface CreateOptions extends Output {
  readonly file?: string;
  readonly level: Schemas['ConfigLevel'];
  readonly project?: string;
  readonly type: string;
  readonly note?: string;
}

async function documentIn(context: Context, file: string): Promise<Schemas['ConfigDocumentInput']> {
  // The API says what is wrong with it, if anything is.
  return (await readDocument(context, file, 'a config')) as Schemas['ConfigDocumentInput'];
}

/** `claw config create NAME`. */
export async function createConfig(context: Context, [name = '']: readonly string[], options: CreateOptions): Promise<void> {
  const { file, level, project, type, note = '', output } = options;
  const document = file === undefined ? {} : await documentIn(context, file);
  const session = await openSession(context);
  const projectId = project === undefined ? undefined : await projectOf(session, project);
  const body = { name, level, type, description: '', document, note, ...(projectId ? { projectId } : {}) };
  const made = await take(session.api.POST('/configs', { body }));
  await printOne(context.io, output, made, made.name, `${made.name} is there with the draft 1. Publish it: claw config publish ${made.name}\n`);
}

async function projectOf({ api }: Session, word: string): Promise<string> {
  const { items } = await take(api.GET('/projects'));
  const found = items.find(({ id, name }) => id === word || name === word);
  if (!found) throw usageError(`There is no project "${word}".`, 'See what there is: claw project list');
  return found.id;
}

/** `claw config edit NAME -f FILE`: a new draft, refused when somebody saved one since `--based-on`. */
export async function editConfig(
  context: Context,
  [word = '']: readonly string[],
  { file, note = '', basedOn, output }: Output & { readonly file: string; readonly note?: string; readonly basedOn?: number },
): Promise<void> {
  const document = await documentIn(context, file);
  const session = await openSession(context);
  const { id, name } = await findConfig(session, word);
  const body = { document, note, ...(basedOn === undefined ? {} : { basedOn }) };
  const saved = await take(session.api.POST('/configs/{id}/versions', { params: { path: { id } }, body }));
  await printOne(context.io, output, saved, `${name}@${saved.version}`, `${name} has the draft ${saved.version}. Look: claw config diff ${name}\n`);
}

/** `claw config publish NAME`. */
export async function publishConfig(
  context: Context,
  [word = '']: readonly string[],
  { version, current = false, output }: VersionOption & { readonly current?: boolean },
): Promise<void> {
  const session = await openSession(context);
  const config = await findConfig(session, word);
  const params = { path: { id: config.id, version: version ?? config.latest } };
  const published = await take(session.api.POST('/configs/{id}/versions/{version}/publish', { params, body: { current } }));
  const now = await findConfig(session, config.id);
  const starts = now.current === published.version ? 'New instances start on it.' : `New instances start on ${now.current} until a rollout of it succeeded.`;
  const others = now.outOfDate > 0 ? ` ${now.outOfDate} run on an older one: claw config instances ${now.name} --outdated` : '';
  await printOne(context.io, output, published, `${now.name}@${published.version}`, `${now.name} ${published.version} is published. ${starts}${others}\n`);
}

interface DiffOptions extends Output {
  readonly from?: number;
  readonly to?: number;
  readonly instance?: string;
}

/** `claw config diff NAME`. */
export async function diffConfig(context: Context, [word = '']: readonly string[], { from, to, instance, output }: DiffOptions): Promise<void> {
  const session = await openSession(context);
  const { id } = await findConfig(session, word);
  const query = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(instance === undefined ? {} : { instance: (await findInstance(session, instance)).id }),
  };
  const diff = await take(session.api.GET('/configs/{id}/diff', { params: { path: { id }, query } }));
  await printRows(context.io, output, CHANGES, diff.changes, diff);
}

/** `claw config import NAME -f openclaw.json`. */
export async function importConfig(context: Context, [name = '']: readonly string[], { file, output }: Output & { readonly file: string }): Promise<void> {
  const config = await readDocument(context, file, 'a configuration');
  const { api } = await openSession(context);
  const imported = await take(api.POST('/configs/import', { body: { name, type: 'openclaw', description: '', config } }));
  const left = imported.leftOut.map(({ path, reason }) => `  ${path.replace(/^\/config\//, '')}: ${reason}\n`).join('');
  const text = `${name} is there with the draft 1. Look: claw config show ${name}\n${left === '' ? '' : `Left out:\n${left}`}`;
  await printOne(context.io, output, imported, name, text);
}

/** `claw config explain INSTANCE [SETTING]`: each setting and where it comes from. */
export async function explainConfig(context: Context, [word = '', setting]: readonly string[], { output }: Output): Promise<void> {
  const session = await openSession(context);
  const { id } = await findInstance(session, word);
  const config = await take(session.api.GET('/instances/{id}/config', { params: { path: { id } } }));
  const rows = config.provenance.filter(({ key }) => setting === undefined || key === setting || key.startsWith(`${setting}.`));
  await printRows(context.io, output, SETTINGS, rows, setting === undefined ? config : rows);
}

/** `claw config secret NAME`: stores a value that is read from standard input or typed unseen. */
export async function storeSecret(context: Context, [name = '']: readonly string[], { stdin }: { readonly stdin?: boolean }): Promise<void> {
  const { api } = await openSession(context);
  const value = await askSecret(context.io, `Value of ${name}`, stdin, '--stdin');
  if (!value) throw usageError('A secret needs a value.', 'Send it on standard input with --stdin');
  await take(api.PUT('/config-secrets/{name}', { params: { path: { name } }, body: { value } }));
  context.io.stdout.write(`${name} is stored. Claws that name it take it when they are next started.\n`);
}
