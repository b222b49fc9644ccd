import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Sample, trendOf } from './trend.ts';

const HOUR_MS = 3_600_000;
const series = (values: readonly number[], everyMs = 10_000): Sample[] => values.map((value, index) => ({ at: 1_000_000 + index * everyMs, value }));

it('finds the slope of a line whatever it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 9, max: 200 }), (perHour, start, count) => {
      const line = series(Array.from({ length: count }, (_, index) => start + (perHour * index * 10_000) / HOUR_MS));
      const trend = trendOf(line);
      expect(trend?.slopePerHour).toBeCloseTo(perHour, 3);
      expect(trend?.to).toBeCloseTo(line.at(-1)?.value ?? Number.NaN, 3);
    }),
  );
});

it('does not count the first third, in which a process warms up', () => {
  const warm = Array.from({ length: 60 }, () => 120);
  expect(trendOf(series([...Array.from({ length: 30 }, (_, index) => 60 + index * 2), ...warm]))?.slopePerHour).toBeCloseTo(0, 6);
  expect(trendOf(series([...Array.from({ length: 31 }, () => 0), ...warm]))).toMatchObject({ minutes: expect.closeTo(9.8, 0) });
});

it('says nothing about too little', () => {
  expect(trendOf([])).toBeNull();
  expect(trendOf(series([1, 2]))).toBeNull();
  expect(trendOf(series([1, 2, 3], 0))).toBeNull();
});
