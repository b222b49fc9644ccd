/** A source of decisions that makes the same ones again for the same seed. */
export interface Random {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from `from` to `to`, both possible. */
  between(from: number, to: number): number;
  chance(share: number): boolean;
  /** One of them; null when there is none. */
  pick<T>(items: readonly T[]): T | null;
  /** A key, each as likely as its weight says; null when no weight is above nothing. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K | null;
}

/** Mulberry32: enough for choosing, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (share) => next() < share,
    pick: (items) => items[Math.floor(next() * items.length)] ?? null,
    weighted: <K extends string>(weights: Readonly<Partial<Record<K, number>>>) => {
      const entries = (Object.entries(weights) as [K, number][]).filter(([, weight]) => weight > 0);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      return entries.at(-1)?.[0] ?? null;
    },
  };
}
