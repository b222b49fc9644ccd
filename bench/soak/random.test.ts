import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';

const drawn = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

it('decides the same again for the same seed, and differently for another', () => {
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

it('stays within its bounds and reaches both ends', () => {
  const random = seededRandom(1);
  const numbers = Array.from({ length: 1_000 }, () => random.between(3, 5));
  expect(new Set(numbers)).toEqual(new Set([3, 4, 5]));
  for (const number of drawn(2)) expect(number >= 0 && number < 1).toBe(true);
});

it('picks as often as the weights say, and never what weighs nothing', () => {
  const random = seededRandom(3);
  const counts = { rare: 0, frequent: 0, never: 0 };
  for (let turn = 0; turn < 4_000; turn += 1) counts[random.weighted({ rare: 1, frequent: 3, never: 0 }) ?? 'never'] += 1;
  expect(counts.never).toBe(0);
  expect(counts.frequent / counts.rare).toBeGreaterThan(2.5);
  expect(counts.frequent / counts.rare).toBeLessThan(3.5);
});

it('has nothing to pick from nothing', () => {
  const random = seededRandom(4);
  expect(random.pick([])).toBeNull();
  expect(random.weighted({})).toBeNull();
  expect(random.weighted({ never: 0 })).toBeNull();
});
