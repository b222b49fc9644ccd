import type { ConfigDocument } from '../../../workflows/contracts/config.ts';
import { canonicalJson } from '../canonical.ts';
import { leavesOf } from './paths.ts';

/** One difference; `before` is absent where something was added, `after` where it was removed. */
export interface ConfigChange {
  readonly key: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Values by dotted key. */
export type Lines = ReadonlyMap<string, unknown>;

/** Every line of a document: its settings, its locks, and each variable as `variables.<name>`. */
export function linesOf({ settings, locks, variables }: ConfigDocument): Lines {
  return new Map<string, unknown>([
    ...leavesOf(settings).map(({ path, value }): [string, unknown] => [path.join('.'), value]),
    ...(locks.length > 0 ? [['locks', [...locks].sort()] as [string, unknown]] : []),
    ...variables.map((variable): [string, unknown] => [`variables.${variable.name}`, variable]),
  ]);
}

/** What became of the lines of one side on the other, by key. */
export function differences(before: Lines, after: Lines): ConfigChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key): ConfigChange[] => {
    if (!before.has(key)) return [{ key, change: 'added', after: after.get(key) }];
    if (!after.has(key)) return [{ key, change: 'removed', before: before.get(key) }];
    const [old, now] = [before.get(key), after.get(key)];
    return canonicalJson([old]) === canonicalJson([now]) ? [] : [{ key, change: 'changed', before: old, after: now }];
  });
}
