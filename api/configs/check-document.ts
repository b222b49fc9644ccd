import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { leavesOf } from '../../activities/adapters/config/paths.ts';
import { type Origin, resolveConfig, settingOf } from '../../activities/adapters/config/resolve.ts';
import { namesIn, SAMPLE_TEXT, sampleValues, variableErrors } from '../../activities/adapters/config/variables.ts';
import { pointerSegment, refuseErrors } from '../../activities/adapters/overrides.ts';
import { readLayers } from '../../prisma/config-layers.ts';
import { violations } from '../../workflows/contracts/claw-policy.ts';
import { CONFIG_LEVELS, type ConfigDocument, type ConfigLayer, type ConfigLevel, type ConfigPin } from '../../workflows/contracts/config.ts';
import { Failure, type FieldError, isFailure } from '../../workflows/contracts/failures.ts';
import { policyFailure, readAllClawPolicies } from '../http/claw-policies.ts';

/** A document and what it is to be a version of. */
export interface Checked {
  readonly adapter: ClawAdapter;
  readonly config: { readonly id: string; readonly name: string; readonly level: ConfigLevel; readonly projectId: string | null };
  readonly document: ConfigDocument;
}

const ROOT = '/document';

/**
 * Throws unless claws of the type could run on it, as far as can be known before one does: INVALID_CONFIG, CONFIG_LOCKED, POLICY_VIOLATED, with
 * pointers below `/document`. What variables leave open is judged when they have values.
 */
export async function checkDocument(sql: pg.ClientBase, { adapter, config, document }: Checked): Promise<void> {
  refuseErrors(variableErrors(document.variables).map(({ path, message }) => ({ path: `${ROOT}/variables${path}`, message })));
  const mine: ConfigLayer = { config: config.id, version: 0, name: config.name, level: config.level, document };
  const layers = [...(await widerLayers(sql, adapter.type, config)), mine];
  const { settings, origins } = relocated(layers.length - 1, () => {
    return resolveConfig(layers, { overrides: [], variables: sampleValues(layers.flatMap((layer) => layer.document.variables)) });
  });
  const parsed = parseOwn(adapter, settings, origins, mine);
  // What belongs to the platform is used by many tenants, each with its own secrets and rules.
  if (config.level === 'global') return;
  if (parsed.ok) await assertStored(sql, adapter, parsed.config, document);
  await assertModels(sql, config.projectId, document);
}

/** The current versions of the levels above. */
async function widerLayers(sql: pg.ClientBase, type: string, { id, level, projectId }: Checked['config']): Promise<readonly ConfigLayer[]> {
  const rank = CONFIG_LEVELS.indexOf(level);
  const { rows } = await sql.query<ConfigPin & { level: ConfigLevel }>('SELECT config, version, level FROM standing_configs($1, $2)', [projectId, type]);
  return readLayers(
    sql,
    rows.filter((row) => row.config !== id && CONFIG_LEVELS.indexOf(row.level) < rank),
  );
}

/** Parses all settings and throws for those of the document itself; for what a variable leaves open only when nobody could set it. */
function parseOwn(
  adapter: ClawAdapter,
  settings: Parameters<ClawAdapter['parseConfig']>[1],
  origins: readonly Origin[],
  mine: ConfigLayer,
): { readonly ok: true; readonly config: unknown } | { readonly ok: false } {
  try {
    return { ok: true, config: adapter.parseConfig(adapter.versions[0] ?? '', settings) };
  } catch (error) {
    if (!isFailure(error) || error.details.errors === undefined) throw error;
    const isOpen = openKeys(mine.document);
    const errors = error.details.errors.flatMap(({ path, message }): FieldError[] => {
      const setting = settingOf(path);
      const origin = setting && origins[setting.index];
      if (!setting || !origin || !('layer' in origin) || origin.layer.config !== mine.config) return setting ? [] : [{ path: `${ROOT}/settings`, message }];
      if (setting.part === 'value' && isOpen(origin.path)) return [];
      return [{ path: `${ROOT}/settings/${origin.path.map(pointerSegment).join('/')}${setting.rest}`, message }];
    });
    refuseErrors(errors);
    return { ok: false };
  }
}

/** Says of a setting whether its value hangs on a variable that has none yet. */
function openKeys({ settings, variables }: ConfigDocument): (path: readonly string[]) => boolean {
  const open = new Set(variables.filter((variable) => variable.default === undefined).map(({ name }) => name));
  const keys = leavesOf(settings).flatMap(({ path, value }) => (namesIn(value).some((name) => open.has(name)) ? [path.join('.')] : []));
  return (path) => keys.includes(path.join('.'));
}

async function assertStored(sql: pg.ClientBase, adapter: ClawAdapter, config: unknown, document: ConfigDocument): Promise<void> {
  const named = adapter.secretsIn(config).filter((name) => name !== SAMPLE_TEXT);
  if (named.length === 0) return;
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM config_secret WHERE name = ANY($1)', [named]);
  const missing = named.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length === 0) return;
  const errors = missing.map((name): FieldError => {
    const leaf = leavesOf(document.settings).find(({ value }) => JSON.stringify(value) === JSON.stringify({ secret: name }));
    return { path: `${ROOT}/settings${leaf ? `/${leaf.path.map(pointerSegment).join('/')}` : ''}`, message: `there is no stored secret ${name}` };
  });
  throw new Failure('INVALID_CONFIG', `The settings name what is not stored: ${missing.join(', ')}.`, {
    errors,
    nextStep: `Store it with PUT /config-secrets/${missing[0]}, then save again.`,
  });
}

/** Only models that the document names itself: those of other levels are judged where they are named. */
async function assertModels(sql: pg.ClientBase, projectId: string | null, { settings }: ConfigDocument): Promise<void> {
  const { name, fallbacks } = (settings['model'] ?? {}) as { readonly name?: unknown; readonly fallbacks?: unknown };
  const models = [name, ...(Array.isArray(fallbacks) ? fallbacks : [])].filter(
    (model): model is string => typeof model === 'string' && namesIn(model).length === 0,
  );
  if (models.length === 0) return;
  const policies = (await readAllClawPolicies(sql)).filter(({ scope }) => scope.kind === 'tenant' || scope.id === projectId);
  const found = violations(policies, { models });
  if (found.length > 0) throw policyFailure(found, ({ value }) => `${ROOT}/settings/model/${value === name ? 'name' : 'fallbacks'}`);
}

/** Errors of the layer at this index as errors of the document. */
function relocated<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const prefix = `/spec/config/layers/${index}`;
    const errors = (error.details.errors ?? []).map(({ path, message }) => ({
      path: path.startsWith(prefix) ? `${ROOT}${path.slice(prefix.length)}` : path,
      message,
    }));
    throw new Failure(error.code, error.message, { ...error.details, errors });
  }
}
