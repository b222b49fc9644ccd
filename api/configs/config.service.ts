import type pg from 'pg';
import { importOpenClaw } from '../../activities/adapters/openclaw/import-config.ts';
import { newId } from '../../activities/platform/ids.ts';
import { type ConfigDocument, ConfigLevel, ConfigVersionState } from '../../workflows/contracts/config.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { audit } from '../http/audit.ts';
import { type Action, authorize, type Policy } from '../http/authorize.ts';
import { type Actor, actorOf, type RequestContext } from '../http/request-context.ts';
import { checkDocument } from './check-document.ts';
import { globalConfigPolicy, levelPolicy, templatePolicy } from './config.policy.ts';
import type { ConfigView, CreateConfigBody, FullVersionView, ImportBody, SaveVersionBody, VersionView } from './config.schema.ts';
import { getConfig, getVersion, type LockedConfig, lockConfig } from './config-queries.ts';
import type { ClawTypes } from './ports.ts';

/** What changing a config needs of a request: its transaction, who asks, and the claw types there are. */
export interface ConfigWork {
  readonly sql: pg.ClientBase;
  readonly context: RequestContext;
  readonly types: ClawTypes;
}

const POLICIES: Readonly<Record<ConfigLevel, Policy>> = {
  global: globalConfigPolicy,
  tenant: levelPolicy,
  project: levelPolicy,
  template: templatePolicy,
};

/** Throws FORBIDDEN unless the caller may do this with configs of the level. Lets the transaction write what belongs to the platform. */
async function enterLevel(sql: pg.ClientBase, actor: Actor, level: ConfigLevel, action: Action): Promise<void> {
  authorize(actor, { action, policy: POLICIES[level] });
  if (level === ConfigLevel.global) await sql.query("SELECT set_config('app.platform', 'on', true)");
}

/** Makes a config with a first draft. Throws FORBIDDEN, NAME_TAKEN and what `checkDocument` throws. */
export async function createConfig(work: ConfigWork, body: CreateConfigBody): Promise<ConfigView> {
  const { sql, context, types } = work;
  const { tenantId, userId } = actorOf(context);
  const { level, name, type, description, projectId = null } = body;
  await enterLevel(sql, actorOf(context), level, 'create');
  await assertProject(sql, level, projectId);
  const id = newId(IdPrefix.config);
  const adapter = await types.find(sql, type);
  await checkDocument(sql, { adapter, config: { id, name, level, projectId }, document: body.document });
  const owner = level === ConfigLevel.global ? null : tenantId;
  const { rowCount } = await sql.query(
    `INSERT INTO config (id, tenant_id, level, project_id, type, name, description, latest, created_by, last_updated_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8) ON CONFLICT DO NOTHING`,
    [id, owner, level, projectId, type, name, description, userId],
  );
  if (rowCount === 0) throw await taken(sql, body);
  await insertVersion(sql, { config: id, tenantId: owner, version: 1, document: body.document, note: body.note, userId });
  const config = await getConfig(sql, id);
  await audit(sql, context, { action: 'config.create', target: id, after: { ...config, document: body.document } });
  return config;
}

/** A template out of a claw's own configuration. Throws what `createConfig` and the import throw. */
export async function importConfig(work: ConfigWork, { name, type, description, config: native }: ImportBody) {
  const { document, leftOut } = importOpenClaw(native);
  const body = { name, type, description, level: ConfigLevel.template, document: writable(document), note: 'Imported.' };
  const config = await createConfig(work, body);
  return { config, version: await getVersion(work.sql, config.id, 1), leftOut: [...leftOut] };
}

/** Saves a new draft. Throws NOT_FOUND, FORBIDDEN, GENERATION_MISMATCH and what `checkDocument` throws. */
export async function saveVersion(work: ConfigWork, id: string, { document, note, basedOn }: SaveVersionBody): Promise<FullVersionView> {
  const { sql, context, types } = work;
  const config = await lockFor(work, id);
  if (basedOn !== undefined && basedOn !== config.latest)
    throw new Failure('GENERATION_MISMATCH', `The change is based on version ${basedOn}; the newest one is ${config.latest}.`);
  await checkDocument(sql, { adapter: await types.find(sql, config.type), config, document });
  const version = config.latest + 1;
  const { userId } = actorOf(context);
  await sql.query('UPDATE config SET latest = $2, updated_at = now(), last_updated_by = $3 WHERE id = $1', [id, version, userId]);
  await insertVersion(sql, { config: id, tenantId: config.tenantId, version, document, note, userId });
  await audit(sql, context, { action: 'config.save', target: id, after: { version, note, document } });
  return getVersion(sql, id, version);
}

/**
 * Publishes a version. New instances start on it at once when nobody runs on another one, or when `current` says so. Publishing what is published
 * again only does the latter. Throws NOT_FOUND, FORBIDDEN and what `checkDocument` throws.
 */
export async function publishVersion(work: ConfigWork, id: string, version: number, current: boolean): Promise<VersionView> {
  const { sql, context, types } = work;
  const config = await lockFor(work, id);
  const { document, state } = await getVersion(sql, id, version);
  // What it is merged with may have changed since it was saved.
  await checkDocument(sql, { adapter: await types.find(sql, config.type), config, document });
  const { userId } = actorOf(context);
  if (state === ConfigVersionState.draft)
    await sql.query("UPDATE config_version SET state = 'published', published_at = now(), published_by = $3 WHERE config_id = $1 AND version = $2", [
      id,
      version,
      userId,
    ]);
  const becomesCurrent = current || config.current === null || !(await isUsed(sql, id));
  if (becomesCurrent) await sql.query('UPDATE config SET current = $2 WHERE id = $1', [id, version]);
  await sql.query('UPDATE config SET updated_at = now(), last_updated_by = $2 WHERE id = $1', [id, userId]);
  await audit(sql, context, {
    action: 'config.publish',
    target: id,
    before: { current: config.current, state },
    after: { version, current: becomesCurrent ? version : config.current },
  });
  const { document: _, ...view } = await getVersion(sql, id, version);
  return view;
}

/** Locks a config to change it; looks first whether it is there and whether the caller may. */
async function lockFor({ sql, context }: ConfigWork, id: string): Promise<LockedConfig> {
  const { level } = await getConfig(sql, id);
  await enterLevel(sql, actorOf(context), level, 'update');
  return lockConfig(sql, id);
}

/** Whether any instance runs on it, of any tenant when it is the platform's, whoever asks. */
async function isUsed(sql: pg.ClientBase, id: string): Promise<boolean> {
  const { rows } = await sql.query<{ used: boolean }>('SELECT config_is_used($1) AS used', [id]);
  return rows[0]?.used === true;
}

async function assertProject(sql: pg.ClientBase, level: ConfigLevel, projectId: string | null): Promise<void> {
  const path = '/projectId';
  if ((level === ConfigLevel.project) !== (projectId !== null)) {
    const message = projectId === null ? 'is needed with the level project' : `does not belong to the level ${level}`;
    throw new Failure('VALIDATION_FAILED', `The project ${message}.`, { errors: [{ path, message }] });
  }
  if (projectId === null) return;
  const { rowCount } = await sql.query('SELECT 1 FROM project WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE', [projectId]);
  if (rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such project.', { errors: [{ path, message: 'is not a project of this tenant' }] });
}

/** Which of the two things that are unique was there already. */
async function taken(sql: pg.ClientBase, { name, level, type }: CreateConfigBody): Promise<Failure> {
  const { rowCount } = await sql.query('SELECT 1 FROM config WHERE name = $1 AND (tenant_id IS NULL) = $2', [name, level === ConfigLevel.global]);
  if (rowCount === 1) return new Failure('NAME_TAKEN', `There is a config called ${name} already.`, { errors: [{ path: '/name', message: 'is in use' }] });
  const message = `there is a config of the level ${level} for ${type} already`;
  return new Failure('NAME_TAKEN', `${message[0]?.toUpperCase()}${message.slice(1)}.`, {
    errors: [{ path: '/level', message }],
    nextStep: 'Save a new version of that one.',
  });
}

interface NewVersion {
  readonly config: string;
  readonly tenantId: string | null;
  readonly version: number;
  readonly document: ConfigDocument;
  readonly note: string;
  readonly userId: string;
}

async function insertVersion(sql: pg.ClientBase, { config, tenantId, version, document, note, userId }: NewVersion): Promise<void> {
  await sql.query('INSERT INTO config_version (config_id, version, tenant_id, document, note, created_by) VALUES ($1, $2, $3, $4, $5, $6)', [
    config,
    version,
    tenantId,
    JSON.stringify(document),
    note,
    userId,
  ]);
}

/** A document as its schema types it. */
function writable({ settings, locks, variables }: ConfigDocument): CreateConfigBody['document'] {
  return { settings: { ...settings }, locks: [...locks], variables: variables.map((variable) => ({ ...variable })) };
}
