import { CONFIG_LEVELS, type ConfigLayer, type ConfigLevel } from '../../../workflows/contracts/config.ts';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { pointerSegment } from '../overrides.ts';
import { isGroup, type Leaf, leavesOf, touches } from './paths.ts';

/** A setting and the layer that set it. */
export interface MergedLeaf extends Leaf {
  readonly layer: ConfigLayer;
}

/** A path that nothing narrower than its layer may set. */
export interface Lock {
  readonly key: string;
  readonly layer: ConfigLayer;
}

/** Settings of several layers as one, and which paths they lock. */
export interface Merged {
  readonly leaves: readonly MergedLeaf[];
  readonly locks: readonly Lock[];
}

const rankOf = (level: ConfigLevel) => CONFIG_LEVELS.indexOf(level);

/** Layers from the widest to the narrowest; of one level, in the order in which they were named. */
export function inOrder<T extends Pick<ConfigLayer, 'level'>>(layers: readonly T[]): readonly T[] {
  return [...layers].sort((left, right) => rankOf(left.level) - rankOf(right.level));
}

/**
 * Objects become one, everything else gives way to what comes later. As long as no path is a group here and a value there, the grouping
 * in which several are merged does not matter.
 */
export function overlay(below: Readonly<Record<string, unknown>>, above: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const present = Object.hasOwn(merged, name) ? merged[name] : undefined;
    merged[name] = isGroup(present) && isGroup(value) ? overlay(present, value) : value;
  }
  return merged;
}

/** What all layers together say. Throws CONFIG_LOCKED when one sets what a wider one locks. */
export function mergeLayers(layers: readonly ConfigLayer[]): Merged {
  const ordered = inOrder(layers);
  const locks: Lock[] = [];
  let settings: Record<string, unknown> = {};
  const setBy = new Map<string, ConfigLayer>();
  for (const layer of ordered) {
    for (const { path } of leavesOf(layer.document.settings)) {
      const lock = lockOn(locks, path.join('.'), layer.level);
      if (lock) throw locked(lock, `/layers/${layers.indexOf(layer)}/settings/${path.map(pointerSegment).join('/')}`, path.join('.'));
      setBy.set(path.join('.'), layer);
    }
    settings = overlay(settings, layer.document.settings);
    locks.push(...layer.document.locks.map((key) => ({ key, layer })));
  }
  const leaves = leavesOf(settings).flatMap((leaf) => {
    const layer = setBy.get(leaf.path.join('.'));
    return layer ? [{ ...leaf, layer }] : [];
  });
  return { leaves, locks };
}

/** The lock that keeps a level from setting a key; without a level, an instance. */
export function lockOn(locks: readonly Lock[], key: string, level?: ConfigLevel): Lock | undefined {
  return locks.find((lock) => touches(lock.key, key) && (level === undefined || rankOf(lock.layer.level) < rankOf(level)));
}

/** What is said of an attempt to set what is locked. `path`: JSON pointer of the attempt. */
export function locked({ key, layer }: Lock, path: string, attempted: string): Failure {
  const where = layer.level === 'global' ? 'the global config' : `the ${layer.level} config`;
  const message = `${attempted} is locked by ${where} ${layer.name} (version ${layer.version}, lock ${key}).`;
  return new Failure('CONFIG_LOCKED', message, {
    errors: [{ path, message }],
    level: layer.level,
    config: layer.config,
    nextStep: `Leave ${attempted} out, or ask whoever looks after ${where} ${layer.name} to change it there.`,
  });
}
