import type { ConfigLayer } from '../../../workflows/contracts/config.ts';
import { Failure, type FieldError, isFailure } from '../../../workflows/contracts/failures.ts';
import type { ConfigOverride, InstanceConfig } from '../../../workflows/contracts/instance.ts';
import type { ClawAdapter } from '../adapter.ts';
import { pointerSegment, refuseErrors } from '../overrides.ts';
import { type Lock, locked, lockOn, mergeLayers } from './merge.ts';
import { fillVariables, valueErrors } from './variables.ts';

/** Where the settings of an instance stand in what a person sends or reads. */
const ROOT = '/spec/config';

/** Where a setting comes from: a layer, or the overrides of the instance by their index. */
export type Origin = { readonly layer: ConfigLayer; readonly path: readonly string[] } | { readonly override: number };

/** Everything that an instance is set to, as its adapter takes it: what layers say first, the instance's own overrides last. */
export interface Resolved {
  readonly settings: readonly ConfigOverride[];
  /** Of each setting. */
  readonly origins: readonly Origin[];
  readonly locks: readonly Lock[];
}

/**
 * Settings out of pinned layers, values for what they leave open, and the instance's own overrides. Throws INVALID_CONFIG and
 * CONFIG_LOCKED with pointers below `/spec/config`. Without layers it is the overrides as they are.
 */
export function resolveConfig(layers: readonly ConfigLayer[], { overrides, variables = {} }: InstanceConfig): Resolved {
  const errors: FieldError[] = valueErrors(
    layers.flatMap(({ document }) => document.variables),
    variables,
  ).map(({ path, message }) => ({ path: `${ROOT}/variables${path}`, message }));
  const filled = layers.map((layer, index): ConfigLayer => {
    const { settings, errors: wrong } = fillVariables(layer.document, variablesOf(layer, variables));
    errors.push(...wrong.map(({ path, message }) => ({ path: `${ROOT}/layers/${index}/settings${path}`, message })));
    return { ...layer, document: { ...layer.document, settings } };
  });
  refuseErrors(errors);
  const { leaves, locks } = rooted(() => mergeLayers(filled));
  overrides.forEach(({ key }, index) => {
    const lock = lockOn(locks, key);
    if (lock) throw locked(lock, `${ROOT}/overrides/${index}/key`, key);
  });
  return {
    settings: [...leaves.map(({ path, value }) => ({ key: path.join('.'), value })), ...overrides],
    origins: [...leaves.map(({ layer, path }) => ({ layer, path })), ...overrides.map((_, override) => ({ override }))],
    locks,
  };
}

/** The unified config of an instance. Throws what `resolveConfig` and the adapter throw, pointing at where each wrong setting comes from. */
export function parseResolved<C>(adapter: ClawAdapter<C>, version: string, resolved: Resolved, layers: readonly ConfigLayer[]): C {
  try {
    return adapter.parseConfig(version, resolved.settings);
  } catch (error) {
    if (!isFailure(error) || error.details.errors === undefined) throw error;
    const errors = error.details.errors.map((wrong) => relocated(wrong, resolved.origins, layers));
    throw new Failure(error.code, error.message, { ...error.details, errors });
  }
}

/** Both at once. */
export function unifiedConfig<C>(adapter: ClawAdapter<C>, version: string, config: InstanceConfig, layers: readonly ConfigLayer[]): C {
  return parseResolved(adapter, version, resolveConfig(layers, config), layers);
}

/** Values that a layer knows: names that only another one declares are not its own. */
function variablesOf({ document }: ConfigLayer, values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => document.variables.some((variable) => variable.name === name)));
}

/** Which setting an error of an adapter is about, and the rest of its pointer. */
export function settingOf(path: string): { readonly index: number; readonly part: 'key' | 'value'; readonly rest: string } | null {
  const [, index, part, rest = ''] = /^\/spec\/config\/overrides\/(\d+)\/(key|value)(\/.*)?$/.exec(path) ?? [];
  return index === undefined ? null : { index: Number(index), part: part === 'key' ? 'key' : 'value', rest };
}

function relocated(error: FieldError, origins: readonly Origin[], layers: readonly ConfigLayer[]): FieldError {
  const setting = settingOf(error.path);
  const origin = setting && origins[setting.index];
  if (!setting || !origin) return error;
  if ('override' in origin) return { ...error, path: `${ROOT}/overrides/${origin.override}/${setting.part}${setting.rest}` };
  const { layer, path } = origin;
  const at = layers.findIndex(({ config }) => config === layer.config);
  const message = `${error.message} (${layer.name}, version ${layer.version})`;
  return { path: `${ROOT}/layers/${at}/settings/${path.map(pointerSegment).join('/')}${setting.rest}`, message };
}

function rooted<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const errors = (error.details.errors ?? []).map(({ path, message }) => ({ path: `${ROOT}${path}`, message }));
    throw new Failure(error.code, error.message, { ...error.details, errors });
  }
}
