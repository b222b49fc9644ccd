import type { SpecDifference } from '../../api/rollouts.ts';

interface Differing {
  readonly name: string;
  readonly differences: readonly SpecDifference[];
}

/** Instances that change in the same way. */
export interface DifferenceGroup {
  readonly names: readonly string[];
  readonly differences: readonly SpecDifference[];
}

/** Instances by how they change, the most usual way first, so that a thousand of them read like one. */
export function groupDifferences(targets: readonly Differing[]): readonly DifferenceGroup[] {
  const groups = new Map<string, { names: string[]; differences: readonly SpecDifference[] }>();
  for (const { name, differences } of targets) {
    const key = JSON.stringify(differences);
    const group = groups.get(key);
    if (group) group.names.push(name);
    else groups.set(key, { names: [name], differences });
  }
  return [...groups.values()].sort((a, b) => b.names.length - a.names.length);
}

/** What changes, as people call it: `version`, `config sales`, or the key of a setting. */
export function differenceSubject(path: string): { readonly kind: 'version' | 'config' | 'setting' | 'other'; readonly name: string } {
  if (path === '/version') return { kind: 'version', name: '' };
  const layer = /^\/config\/layers\/(.+)$/.exec(path)?.[1];
  if (layer !== undefined) return { kind: 'config', name: layer };
  const key = /^\/config\/overrides\/(.+)$/.exec(path)?.[1];
  return key === undefined ? { kind: 'other', name: path } : { kind: 'setting', name: key };
}

/** A value of a spec as one line of text; null for none. */
export function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
