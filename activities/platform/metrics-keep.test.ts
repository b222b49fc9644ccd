import { expect, test } from 'vitest';
import { metricsKeep } from './metrics-keep.ts';

const problems = (text: string) => metricsKeep.safeParse(text).error?.issues.map(({ message }) => message);

test('nothing said keeps six hours of samples and two years of days', () => {
  expect(metricsKeep.parse(undefined)).toEqual([21_600, 172_800, 1_209_600, 7_776_000, 63_072_000]);
  expect(metricsKeep.parse('')).toEqual(metricsKeep.parse(undefined));
});

test('a level that is named changes, the others stay', () => {
  expect(metricsKeep.parse(' raw = 24h , 1d=10d')).toEqual([86_400, 172_800, 1_209_600, 7_776_000, 864_000]);
});

test('what cannot be is said level by level', () => {
  expect(problems('raw=1h')).toEqual(['raw must be kept for at least 2h']);
  expect(problems('1h=24h,2m=4h')).toEqual(['1h must be kept for at least 49h', 'knows the levels raw, 1m, 5m, 1h, 1d, not "2m"']);
  expect(problems('5m=much')).toEqual(['5m must be hours or days such as 48h or 14d']);
});
