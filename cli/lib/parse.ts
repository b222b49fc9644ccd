import { usageError } from './errors.ts';

/** Collects a repeatable option. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function splitPair(pair: string, option: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw usageError(`${option} takes key=value, not "${pair}".`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** `--label env=prod` sets, `--label env-` removes: a patch with null for what goes. */
export function parseLabelPatch(pairs: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(pairs.map((pair) => (/^[^=]+-$/.test(pair) ? [pair.slice(0, -1), null] : splitPair(pair, '--label'))));
}

/** Labels of something new; nothing can be removed from it. */
export function parseLabels(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => splitPair(pair, '--label')));
}

/** A setting of a claw as the API takes it. */
export interface Override {
  readonly key: string;
  readonly value: unknown;
}

/** `--set key=value`: JSON where it reads as JSON (`3`, `true`, `["a"]`, `"007"`), else the text itself. */
export function parseOverrides(pairs: readonly string[]): Override[] {
  return pairs.map((pair) => {
    const [key, text] = splitPair(pair, '--set');
    try {
      return { key, value: JSON.parse(text) as unknown };
    } catch {
      return { key, value: text };
    }
  });
}

/** The settings after `--set` and `--unset`, the later of two for one key winning. */
export function mergeOverrides(before: readonly Override[], set: readonly Override[], unset: readonly string[]): Override[] {
  const merged = new Map(before.map((override) => [override.key, override.value]));
  for (const key of unset) merged.delete(key);
  for (const { key, value } of set) merged.set(key, value);
  return [...merged].map(([key, value]) => ({ key, value }));
}

/** Labels after a patch. */
export function mergeLabels(before: Readonly<Record<string, string>>, patch: Readonly<Record<string, string | null>>): Record<string, string> {
  const merged: Record<string, string> = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** `90`, `90s`, `5m` or `1h` in seconds. */
export function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text);
  if (!match) throw usageError(`"${text}" is not a time; write 90s, 5m or 1h.`);
  return Number(match[1]) * SECONDS[(match[2] || 's') as keyof typeof SECONDS];
}

const AGO_SECONDS = { ...SECONDS, d: 86_400 } as const;

/** `90s`, `5m`, `1h` or `2d` before now, or an RFC 3339 time: gives back what reads it as RFC 3339 in UTC once the time is known. */
export function parseSince(text: string): (now: Date) => string {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (match) {
    const seconds = Number(match[1]) * AGO_SECONDS[match[2] as keyof typeof AGO_SECONDS];
    return (now) => new Date(now.getTime() - seconds * 1000).toISOString();
  }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usageError(`"${text}" is not a time; write 5m, 1h, 2d or 2026-11-21T09:00:00Z.`);
  return () => new Date(at).toISOString();
}

/** A whole number of at least `min`. */
export function parseCount(min: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < min) throw usageError(`"${text}" is not a whole number of at least ${min}.`);
    return Number(text);
  };
}

/** The base URL of a platform, without a path's trailing slash; http and https only. */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw usageError(`"${text}" is not an http or https address.`);
  if (url.username || url.password) throw usageError('An address must not hold a user name or password.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
