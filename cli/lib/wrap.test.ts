import { expect, test } from 'vitest';
import { paragraph, wrap, wrappedTable } from './wrap.ts';

const TEXT = 'Look at its log, correct the cause, then start it again by hand.';

test('text is cut at its spaces and never wider than the terminal', () => {
  expect(wrap(TEXT, 30)).toEqual(['Look at its log, correct the', 'cause, then start it again by', 'hand.']);
  expect(wrap(TEXT, undefined)).toEqual([TEXT]);
});

test('a word that is longer than a line stays whole, so that it can be copied', () => {
  const command = `claw-operations-${'x'.repeat(40)}`;
  expect(wrap(`run ${command} now`, 30)).toEqual(['run', command, 'now']);
});

test('a very narrow terminal gets lines that are still lines', () => {
  expect(wrap(TEXT, 3).every((line) => line.includes(' '))).toBe(true);
});

test('what the last column has no room for goes on below it', () => {
  expect(wrappedTable(['TYPE', 'MESSAGE'], [['Ready', TEXT]], 40, 2)).toBe(
    ['  TYPE   MESSAGE', '  Ready  Look at its log, correct the', '         cause, then start it again by', '         hand.', ''].join('\n'),
  );
});

test('a paragraph keeps its indent, and in a pipe its one line', () => {
  expect(paragraph(TEXT, 32, 2)).toBe('  Look at its log, correct the\n  cause, then start it again by\n  hand.\n');
  expect(paragraph(TEXT, undefined, 2)).toBe(`  ${TEXT}\n`);
});
