import { type Row, row } from './row.ts';

/**
 * The smallest sample that at least `share` (0 to 1) of all samples do not exceed: always something that was really measured.
 * NaN when there are none.
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const index = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length))) - 1;
  return sorted[index] ?? Number.NaN;
}

/** Which percentiles of a series become rows. Targets in the unit of the samples. */
export interface Spread {
  readonly p50?: number | null;
  readonly p95?: number | null;
  readonly p99?: number | null;
  readonly max?: number | null;
}

const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99, max: 1 } as const;

/** Rows for the percentiles that `spread` names; its values are their targets. */
export function spreadRows(name: string, samples: readonly number[], unit: string, spread: Spread): Row[] {
  return Object.entries(SHARES).flatMap(([key, share]) => {
    const target = spread[key as keyof Spread];
    return target === undefined ? [] : [row(`${name}, ${key}`, percentile(samples, share), unit, target)];
  });
}

/** Pair by pair what the second series is above the first; what has no partner is left out. */
export function differences(first: readonly number[], second: readonly number[]): number[] {
  return second.slice(0, first.length).map((value, index) => value - (first[index] as number));
}
