import { expect, test } from 'vitest';
import { WAIT_RULES, waitSeconds } from './sign-in-waits.ts';

test('the first wrong passwords cost nothing, then the wait doubles up to its longest', () => {
  const waits = Array.from({ length: 18 }, (_one, failures) => waitSeconds(failures, WAIT_RULES.both));
  expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

test('however often others guess at an account, its owner waits half a minute at most', () => {
  expect(Math.max(...Array.from({ length: 10_000 }, (_one, failures) => waitSeconds(failures, WAIT_RULES.account)))).toBe(30);
});
