import { expect, test } from 'vitest';
import type { MetricKeep } from '../../workflows/contracts/metrics.ts';
import { bucketsOf, chooseWindow } from './window.ts';

const H = 3_600;
const D = 86_400;
const KEEP: MetricKeep = [6 * H, 48 * H, 14 * D, 90 * D, 730 * D];
const NOW = Date.parse('2026-11-21T10:30:07Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

test.each([
  ['the last hour', undefined, { stepSeconds: 60, level: 0 }],
  ['a day', ago(D), { stepSeconds: 300, level: 60 }],
  ['a week', ago(7 * D), { stepSeconds: 1_800, level: 300 }],
  ['a month', ago(30 * D), { stepSeconds: 7_200, level: 3_600 }],
  ['a year', ago(365 * D), { stepSeconds: 604_800, level: 86_400 }],
])('%s is answered by the finest rows that are kept and few enough', (_name, from, expected) => {
  expect(chooseWindow({ from }, KEEP, NOW)).toMatchObject(expected);
});

test('an hour of last week comes from what is still there, in steps of it', () => {
  const window = chooseWindow({ from: ago(7 * D), to: ago(7 * D - H), step: 10 }, KEEP, NOW);
  expect(window).toMatchObject({ level: 300, stepSeconds: 300 });
});

test('what is older than everything kept is asked of the coarsest level', () => {
  expect(chooseWindow({ from: ago(900 * D), to: ago(899 * D) }, KEEP, NOW)).toMatchObject({ level: 86_400, stepSeconds: 86_400 });
});

test('a step too short for a thousand points is made longer', () => {
  const window = chooseWindow({ from: ago(D), step: 10 }, KEEP, NOW);
  expect(bucketsOf(window).length).toBeLessThanOrEqual(1_001);
});

test('a window is whole steps of the clock, and holds its ends', () => {
  const window = chooseWindow({}, KEEP, NOW);
  expect([window.from.toISOString(), window.to.toISOString()]).toEqual(['2026-11-21T09:30:00.000Z', '2026-11-21T10:31:00.000Z']);
  expect(bucketsOf(window)).toHaveLength(61);
});
