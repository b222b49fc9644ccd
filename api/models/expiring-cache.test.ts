import { describe, expect, it } from 'vitest';
import { ExpiringCache } from './expiring-cache.ts';

function cacheAt(clock: { now: number }, maxEntries = 10): ExpiringCache<string> {
  return new ExpiringCache({ ttlMs: 2_000, maxEntries, now: () => clock.now });
}

describe('a value that another process may change', () => {
  it('is believed for its time to live, counted from before it was read, and no longer', async () => {
    const clock = { now: 0 };
    const cache = cacheAt(clock);
    let loads = 0;
    const load = async () => {
      loads += 1;
      clock.now += 500;
      return `value ${loads}`;
    };
    expect(await cache.load('key', load)).toBe('value 1');
    clock.now = 1_999;
    expect(await cache.load('key', load)).toBe('value 1');
    clock.now = 2_000;
    expect(await cache.load('key', load)).toBe('value 2');
  });

  it('is asked for again when reading it failed', async () => {
    const cache = cacheAt({ now: 0 });
    await expect(cache.load('key', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.load('key', async () => 'back')).toBe('back');
  });

  it('makes room for others, the oldest first', async () => {
    const cache = cacheAt({ now: 0 }, 2);
    for (const key of ['a', 'b', 'c']) await cache.load(key, async () => key);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 'b', 'c']);
  });
});
