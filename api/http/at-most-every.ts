import { LRUCache } from 'lru-cache';

/** What is noted once in a while for each key, such as the use of a key of the API. Held for the most recent keys only: what is forgotten is due again. */
export interface AtMostEvery {
  isDue(key: string): boolean;
  /** It was noted now. */
  noted(key: string): void;
  /** It could not be noted after all. */
  forget(key: string): void;
}

const REMEMBERED = 10_000;

export function atMostEvery(milliseconds: number, now: () => number = Date.now): AtMostEvery {
  const times = new LRUCache<string, number>({ max: REMEMBERED });
  return {
    isDue: (key) => now() - (times.get(key) ?? Number.NEGATIVE_INFINITY) >= milliseconds,
    noted: (key) => void times.set(key, now()),
    forget: (key) => void times.delete(key),
  };
}
