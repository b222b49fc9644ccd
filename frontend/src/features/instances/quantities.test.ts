import { describe, expect, it } from 'vitest';
import { formatBytes, formatCost } from './quantities.ts';

describe('quantities', () => {
  it('writes bytes in the unit that keeps the number small', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(2 ** 31)).toBe('2 GiB');
    expect(formatBytes(1.5 * 2 ** 30)).toBe('1.5 GiB');
    expect(formatBytes(700 * 2 ** 20)).toBe('700 MiB');
  });

  it('does not round a small cost to nothing', () => {
    expect(formatCost(0)).toBe('$0.00');
    expect(formatCost(1_230_000)).toBe('$1.23');
    expect(formatCost(420)).toBe('$0.0004');
  });
});
