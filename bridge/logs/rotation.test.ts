import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '../claw/log-file.ts';
import { logSince, type PieceTimes, rotateLog } from './rotation.ts';

let folder: string;
let log: string;
let kept: (PieceTimes & { readonly text: string })[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rotation-'));
  log = path.join(folder, 'claw.log');
  kept = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const HOUR = 3_600_000;
const START = 1_700_000_000_000;
const AT_ONCE = { limitBytes: 1, maxAgeMilliseconds: 0 };
const keep = (copy: string, times: PieceTimes): void => {
  if (!kept.some(({ from }) => from === times.from)) kept.push({ ...times, text: readFileSync(copy, 'utf8') });
};
const rotate = (now: number, rules = AT_ONCE): boolean => rotateLog(log, null, rules, keep, now);

describe('a log is rotated', () => {
  test('when it is large, or old and not empty; each piece begins where the one before ended', () => {
    const rules = { limitBytes: 8, maxAgeMilliseconds: HOUR };
    const begin = Date.now();
    writeFileSync(log, 'one\n');
    expect(rotate(begin, rules)).toBe(false);
    appendFileSync(log, 'more\n');
    expect(rotate(begin + 1_000, rules)).toBe(true);
    expect(rotate(begin + 2 * HOUR, rules)).toBe(false);
    appendFileSync(log, 'x\n');
    expect(rotate(begin + 2 * HOUR, rules)).toBe(true);
    expect(kept.map(({ text }) => text)).toEqual(['one\nmore\n', 'x\n']);
    expect(kept[1]).toMatchObject({ from: kept[0]!.to, to: begin + 2 * HOUR });
    expect(logSince(log)).toBe(begin + 2 * HOUR);
  });

  test('while its process goes on writing to the same open file, and so many copies stay on the host', () => {
    const descriptor = openLog(log, null);
    for (let round = 0; round < 30; round += 1) {
      writeSync(descriptor, `round ${round}\n`);
      rotate(START + round);
    }
    writeSync(descriptor, 'last\n');
    closeSync(descriptor);
    expect([readFileSync(log, 'utf8'), readFileSync(`${log}.1`, 'utf8')]).toEqual(['last\n', 'round 29\n']);
    expect([existsSync(`${log}.24`), existsSync(`${log}.25`)]).toEqual([true, false]);
    expect(kept).toHaveLength(30);
  });

  test('to its end only, when a claw made it endless', () => {
    writeFileSync(log, 'first\n');
    truncateSync(log, 2 ** 40);
    appendFileSync(log, 'last\n');
    expect(rotate(Date.now())).toBe(true);
    expect([statSync(log).size, statSync(`${log}.1`).size]).toEqual([0, 64 * 2 ** 20]);
    expect(kept[0]?.text.slice(-6)).toBe('\0last\n');
  });
});

describe('a daemon that is killed while it rotates', () => {
  /** Everything that is in pieces or still in the log. */
  const everything = (): string => kept.map(({ text }) => text).join('') + (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const interrupted = (at: number) => {
    const times = { from: START, to: START + 10 };
    writeFileSync(`${log}.since.json`, JSON.stringify({ since: START }));
    writeFileSync(log, 'one\ntwo\n');
    if (at >= 1) writeFileSync(`${log}.next`, at === 1 ? 'one\n' : 'one\ntwo\n');
    if (at >= 2) writeFileSync(`${log}.rotation.json`, JSON.stringify({ start: 0, bytes: 8, ...times }));
    if (at >= 3) truncateSync(log, 0);
    if (at >= 4) keep(`${log}.next`, times);
    if (at >= 5) rmSync(`${log}.next`);
    appendFileSync(log, 'three\n');
  };

  test.each([
    [0, 'before it began'],
    [1, 'in the middle of the copy'],
    [2, 'before the log was emptied'],
    [3, 'after the log was emptied'],
    [4, 'after the piece was kept'],
    [5, 'before the journal was removed'],
  ])('at step %i, %s, loses and doubles no line', (step) => {
    interrupted(step);
    rotate(START + 100);
    appendFileSync(log, 'four\n');
    rotate(START + 200);
    expect(everything()).toBe('one\ntwo\nthree\nfour\n');
    expect(new Set(kept.map(({ from }) => from)).size).toBe(kept.length);
    expect(readdirSync(folder).filter((name) => /next|rotation/.test(name))).toEqual([]);
  });
});
