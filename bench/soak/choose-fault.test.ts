import { expect, it } from 'vitest';
import { chooseFaults, FAULTY_PARTS, type Mood, pauseAfterFault } from './choose-fault.ts';
import { seededRandom } from './random.ts';

function many(mood: Mood) {
  const random = seededRandom(5);
  return Array.from({ length: 3_000 }, () => chooseFaults(random, mood));
}

it('hits every part in every way when it is wild', () => {
  const seen = new Set(many('wild').flatMap((faults) => faults.map((fault) => `${fault.do} ${fault.part}`)));
  for (const part of FAULTY_PARTS) for (const how of ['kill', 'terminate', 'freeze']) expect(seen).toContain(`${how} ${part}`);
  for (const own of ['kill claw', 'freeze claw', 'kill keeper']) expect(seen).toContain(own);
});

it('hits nothing but claws when it is calm', () => {
  expect(new Set(many('calm').flatMap((faults) => faults.map(({ part }) => part)))).toEqual(new Set(['claw', 'keeper']));
});

it('sometimes hits two at once, never the same twice', () => {
  const pairs = many('wild').filter(({ length }) => length === 2);
  expect(pairs.length).toBeGreaterThan(0);
  for (const [first, second] of pairs) expect(first?.part).not.toBe(second?.part);
});

it('leaves more time between faults when it is calm', () => {
  const random = seededRandom(6);
  const longest = Math.max(...Array.from({ length: 500 }, () => pauseAfterFault(random, 'wild')));
  const shortest = Math.min(...Array.from({ length: 500 }, () => pauseAfterFault(random, 'calm')));
  expect(longest).toBeLessThan(shortest);
});
