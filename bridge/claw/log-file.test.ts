import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rotateLog } from '../logs/rotation.ts';
import { type LogPosition, openLog, readSince, tailLog } from './log-file.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  log = path.join(folder, 'claw.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const MANY = 1_000;
const rotate = (): boolean => rotateLog(log, null, { limitBytes: 1, maxAgeMilliseconds: 0 }, () => undefined, Date.now());
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
  expect(rotate()).toBe(true);
  appendFileSync(log, 'three\n');
  expect([since(position), since(position), since(position)]).toEqual(['two\n', 'three\n', '']);
  expect(tail(3)).toBe('one\ntwo\nthree\n');
});

test('the last lines are given across several rotations', () => {
  for (const line of ['one', 'two', 'three']) {
    writeFileSync(log, `${line}\n`);
    rotate();
  }
  appendFileSync(log, 'four\n');
  expect([tail(3), tail(MANY)]).toEqual(['two\nthree\nfour\n', 'one\ntwo\nthree\nfour\n']);
});

test('a link is no log', () => {
  symlinkSync('/dev/null', path.join(folder, 'link'));
  expect(() => openLog(path.join(folder, 'link'), null)).toThrow(expect.objectContaining({ code: 'VOLUME_UNAVAILABLE' }));
});
