import { expect, test } from 'vitest';
import { Replay } from './replay.ts';

function shown(printed: readonly string[], replayed: readonly string[], most = 100): string[] {
  const replay = new Replay(printed, most);
  return [...replayed.flatMap((text) => replay.push({ text })), ...replay.flush()].map(({ text }) => text);
}

const lines = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

test('what was printed before the connection broke is not printed again', () => {
  expect(shown(lines(1, 30), lines(11, 34))).toEqual(lines(31, 34));
});

test('a replay that begins inside what was printed last goes on after it', () => {
  expect(shown(lines(1, 30), lines(28, 33))).toEqual(lines(31, 33));
});

test('a log that went on by more than comes again is printed whole', () => {
  expect(shown(lines(1, 30), lines(40, 60), 21)).toEqual(lines(40, 60));
});

test('equal lines are told apart by the lines around them', () => {
  const printed = ['a', 'tick', 'b', 'tick', 'c', 'tick'];
  expect(shown(printed, ['a', 'tick', 'b', 'tick', 'c', 'tick', 'd'])).toEqual(['d']);
});

test('with nothing printed yet everything is new', () => {
  expect(shown([], ['a', 'b'])).toEqual(['a', 'b']);
});
