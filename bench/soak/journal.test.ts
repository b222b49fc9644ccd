import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../../deploy/local/testing/scratch.ts';
import { openJournal } from './journal.ts';

it('keeps every line in its file and the newest at hand', () => {
  const journal = openJournal(42, scratchFolder());
  for (let turn = 0; turn < 700; turn += 1) journal.note('turn', { turn });
  const lines = readFileSync(join(journal.folder, 'journal.ndjson'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(700);
  expect(journal.tail(2)).toEqual(lines.slice(-2));
  expect(JSON.parse(lines[0] ?? '')).toEqual({ at: expect.any(String), what: 'turn', turn: 0 });
});

it('keeps the logs of a platform that is taken away', () => {
  const logs = scratchFolder();
  writeFileSync(join(logs, 'api.log'), 'it said something');
  const journal = openJournal(43, scratchFolder());
  journal.keepLogs(logs);
  expect(readFileSync(join(journal.folder, 'logs', 'api.log'), 'utf8')).toBe('it said something');
});
