import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LogPosition, openLog, readSince, rotateLog, tailLog } from './log-file.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  log = path.join(folder, 'claw.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const MANY = 1_000;
const tail = (lines: number): string => tailLog(log, lines).content.toString();
const since = (position: LogPosition): string => readSince(log, position, 1024).toString();

test('the last lines are given, also an unfinished one, and none of a log that is not there', () => {
  expect(tail(3)).toBe('');
  writeFileSync(log, 'one\ntwo\nthree\nunfin');
  expect(tail(2)).toBe('three\nunfin');
  expect(tail(0)).toBe('');
  expect(tail(MANY)).toBe('one\ntwo\nthree\nunfin');
});

test('following goes on across a rotation without losing or repeating a line', () => {
  writeFileSync(log, 'one\n');
  const { position } = tailLog(log, MANY);
  appendFileSync(log, 'two\n');
  expect(rotateLog(log, null, 4)).toBe(true);
  appendFileSync(log, 'three\n');
  expect([since(position), since(position), since(position)]).toEqual(['two\n', 'three\n', '']);
  expect(tail(3)).toBe('one\ntwo\nthree\n');
});

test('a process goes on writing to the same open log after it was rotated, and five copies are kept', () => {
  const descriptor = openLog(log, null);
  for (let round = 0; round < 8; round += 1) {
    writeSync(descriptor, `round ${round}\n`);
    rotateLog(log, null, 1);
  }
  writeSync(descriptor, 'last\n');
  closeSync(descriptor);
  expect(readFileSync(log, 'utf8')).toBe('last\n');
  expect(readFileSync(`${log}.1`, 'utf8')).toBe('round 7\n');
  expect([existsSync(`${log}.5`), existsSync(`${log}.6`)]).toEqual([true, false]);
});

test('of a log that a claw made endless only the end is copied', () => {
  writeFileSync(log, 'first\n');
  truncateSync(log, 2 ** 40);
  appendFileSync(log, 'last\n');
  expect(rotateLog(log, null)).toBe(true);
  expect([statSync(log).size, statSync(`${log}.1`).size]).toEqual([0, 64 * 2 ** 20]);
  expect(readFileSync(`${log}.1`).subarray(-6).toString('latin1')).toBe('\0last\n');
});

test('a small log is left alone, and a link is no log', () => {
  writeFileSync(log, 'x');
  expect(rotateLog(log, null)).toBe(false);
  expect(statSync(log).size).toBe(1);
  symlinkSync('/dev/null', path.join(folder, 'link'));
  expect(() => openLog(path.join(folder, 'link'), null)).toThrow(expect.objectContaining({ code: 'VOLUME_UNAVAILABLE' }));
});
