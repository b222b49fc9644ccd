import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { isPlainObject } from '../../activities/adapters/canonical.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';

/** One setting and where its value comes from. */
export interface Provenance {
  readonly key: string;
  readonly value: unknown;
  readonly source: 'default' | 'instance';
}

export interface EffectiveConfig {
  readonly effective: Record<string, unknown>;
  readonly provenance: Provenance[];
}

/** The unified config as the claw gets it, with one line per setting. Lists count as one setting. */
export function effectiveConfig(adapter: ClawAdapter, spec: InstanceSpec): EffectiveConfig {
  const config = adapter.parseConfig(spec.version, spec.config.overrides);
  const effective = isPlainObject(config) ? config : {};
  const overridden = spec.config.overrides.map(({ key }) => key);
  const provenance = leaves(effective, '').map(
    ({ key, value }): Provenance => ({ key, value, source: overridden.some((set) => touches(set, key)) ? 'instance' : 'default' }),
  );
  const shown = new Set(provenance.map(({ key }) => key));
  const unseen = spec.config.overrides.filter(({ key }) => !provenance.some((line) => touches(key, line.key)) && !shown.has(key));
  return { effective, provenance: [...provenance, ...unseen.map(({ key, value }): Provenance => ({ key, value, source: 'instance' }))] };
}

function touches(set: string, key: string): boolean {
  return set === key || key.startsWith(`${set}.`) || set.startsWith(`${key}.`);
}

function leaves(value: Record<string, unknown>, prefix: string): { key: string; value: unknown }[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined) return [];
    const key = prefix ? `${prefix}.${name}` : name;
    return isPlainObject(inner) && Object.keys(inner).length > 0 ? leaves(inner, key) : [{ key, value: inner }];
  });
}
