import type { ConfigLayer, ConfigLevel } from '../../../workflows/contracts/config.ts';
import type { InstanceConfig } from '../../../workflows/contracts/instance.ts';
import type { ClawAdapter } from '../adapter.ts';
import { isPlainObject } from '../canonical.ts';
import { lockOn } from './merge.ts';
import { touches } from './paths.ts';
import { type Origin, parseResolved, resolveConfig } from './resolve.ts';

/** One setting and where its value comes from. `config`: the version that set it. `lockedBy`: the version that keeps instances from setting it. */
export interface Provenance {
  readonly key: string;
  readonly value: unknown;
  readonly source: 'default' | 'instance' | ConfigLevel;
  readonly config: ConfigReference | null;
  readonly lockedBy: ConfigReference | null;
}

/** A version of a config, for people to find. */
export interface ConfigReference {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

export interface EffectiveConfig {
  readonly effective: Record<string, unknown>;
  readonly provenance: Provenance[];
}

/** The unified config as the claw gets it, with one line per setting. Lists count as one setting. Throws what `unifiedConfig` throws. */
export function effectiveConfig(adapter: ClawAdapter, version: string, config: InstanceConfig, layers: readonly ConfigLayer[]): EffectiveConfig {
  const resolved = resolveConfig(layers, config);
  const parsed = parseResolved(adapter, version, resolved, layers);
  const effective = isPlainObject(parsed) ? parsed : {};
  const set = resolved.settings.flatMap(({ key, value }, index) => {
    const origin = resolved.origins[index];
    return origin ? [{ key, value, origin }] : [];
  });
  const lineOf = (key: string, value: unknown, origin: Origin | undefined): Provenance => {
    const lock = lockOn(resolved.locks, key);
    return {
      key,
      value,
      source: sourceOf(origin),
      config: origin && 'layer' in origin ? referenceTo(origin.layer) : null,
      lockedBy: lock ? referenceTo(lock.layer) : null,
    };
  };
  // Native settings are kept by their dotted path, so their key here is the one that set them.
  const lines = leaves(effective, '').map(({ key, value }) => lineOf(key, value, set.findLast((one) => touches(one.key, key))?.origin));
  const unseen = set.filter(({ key }) => !lines.some((line) => touches(key, line.key)));
  return { effective, provenance: [...lines, ...unseen.map(({ key, value, origin }) => lineOf(key, value, origin))] };
}

function sourceOf(origin: Origin | undefined): Provenance['source'] {
  if (origin === undefined) return 'default';
  return 'layer' in origin ? origin.layer.level : 'instance';
}

function referenceTo({ config: id, name, version }: ConfigLayer): ConfigReference {
  return { id, name, version };
}

function leaves(value: Record<string, unknown>, prefix: string): { key: string; value: unknown }[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined) return [];
    const key = prefix ? `${prefix}.${name}` : name;
    return isPlainObject(inner) && Object.keys(inner).length > 0 ? leaves(inner, key) : [{ key, value: inner }];
  });
}
