import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differences, percentile, spreadRows } from './statistics.ts';

const samples = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 200 });
const share = fc.double({ noNaN: true, min: 0, max: 1 });

it('finds the percentiles of a series whatever its order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.95, 0.99, 1].map((at) => percentile(hundred, at))).toEqual([1, 50, 95, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([1, 2], 0.5)).toBe(1);
});

it('has no percentile of nothing', () => {
  expect(percentile([], 0.5)).toBeNaN();
});

it('answers a sample that enough others do not exceed', () => {
  fc.assert(
    fc.property(samples, share, (series, at) => {
      const found = percentile(series, at);
      expect(series).toContain(found);
      expect(series.filter((sample) => sample <= found).length).toBeGreaterThanOrEqual(Math.floor(at * series.length));
    }),
  );
});

it('never falls as the share rises, and leaves the series as it was', () => {
  fc.assert(
    fc.property(samples, share, share, (series, one, other) => {
      const before = [...series];
      expect(percentile(series, Math.min(one, other))).toBeLessThanOrEqual(percentile(series, Math.max(one, other)));
      expect(series).toEqual(before);
    }),
  );
});

it('makes rows of the percentiles that were asked for and judges those with a target', () => {
  expect(spreadRows('list', [10, 20, 30], 'ms', { p50: null, p95: 25, max: 30 })).toEqual([
    { name: 'list, p50', value: 20, unit: 'ms', target: null, ok: null },
    { name: 'list, p95', value: 30, unit: 'ms', target: 25, ok: false },
    { name: 'list, max', value: 30, unit: 'ms', target: 30, ok: true },
  ]);
});

it('subtracts pair by pair', () => {
  expect(differences([1, 2, 3], [4, 4])).toEqual([3, 2]);
  expect(differences([1], [4, 4])).toEqual([3]);
});
