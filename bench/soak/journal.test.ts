import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scratchFolder } from '../../deploy/local/testing/scratch.ts';
import { openJournal } from './journal.ts';

it('keeps every line in its file and the newest at hand', () => {
  const journal = openJournal(42, scratchFolder());
  for (let turn = 0; turn < 700; turn += 1) journal.note('turn', { turn });
  const lines = readFileSync(journal.file, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(700);
  expect(journal.tail(2)).toEqual(lines.slice(-2));
  expect(JSON.parse(lines[0] ?? '')).toEqual({ at: expect.any(String), what: 'turn', turn: 0 });
});
