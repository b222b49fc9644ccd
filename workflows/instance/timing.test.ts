import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, DEFAULT_TIMING } from './timing.ts';

test('the back-off doubles from its base and never exceeds its limit', () => {
  expect([1, 2, 3, 4].map((attempt) => backoffMs(DEFAULT_TIMING, attempt))).toEqual([1_000, 2_000, 4_000, 8_000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), (attempt) => {
      expect(backoffMs(DEFAULT_TIMING, attempt)).toBeLessThanOrEqual(DEFAULT_TIMING.backoffLimitMs);
      expect(backoffMs(DEFAULT_TIMING, attempt + 1)).toBeGreaterThanOrEqual(backoffMs(DEFAULT_TIMING, attempt));
    }),
  );
});
