import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LogSpool, openLogSpool } from './spool.ts';

let folder: string;
let told: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spool-'));
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const SECRET = 'tooth-and-nail-4711';
const tell = (_context: object, message: string): void => void told.push(message);
const open = (maxBytes = 1_000_000): LogSpool =>
  openLogSpool({ folder: path.join(folder, 'spool'), maxBytes, secretsOf: () => [SECRET, 'short'], log: { debug: tell, info: tell, warn: tell, error: tell } });

function keep(spool: LogSpool, from: number, text: string, instanceId = 'ins_1'): void {
  const copy = path.join(folder, `copy-${from}`);
  writeFileSync(copy, text);
  spool.keep(instanceId, copy, { from, to: from + 1 });
}

test('a piece is packed so that anybody can open it, and waits for a new daemon until it is dropped', async () => {
  keep(open(), 5, 'one\ntwo');
  keep(open(), 4, 'before\n');
  expect((await open().pieces()).map(({ from, instanceId }) => [from, instanceId])).toEqual([
    [4, 'ins_1'],
    [5, 'ins_1'],
  ]);
  const spool = open();
  const [, piece] = await spool.pieces();
  expect(gunzipSync(readFileSync(piece!.file)).toString()).toBe('one\ntwo');
  keep(spool, 5, 'one\ntwo');
  expect(await spool.pieces()).toHaveLength(2);
  spool.drop(piece!);
  expect((await spool.pieces()).map(({ from }) => from)).toEqual([4]);
  spool.discard('ins_1');
  expect(readdirSync(path.join(folder, 'spool'))).toEqual([]);
});

test('secrets of the claw and keys of the platform do not leave the machine, other text and bytes do', async () => {
  const spool = open();
  keep(spool, 1, `${'filler\n'.repeat(20_000)}token ${SECRET} and clk_abcdefgh_ijklmnop, short, ü\n`);
  const [piece] = await spool.pieces();
  expect(gunzipSync(readFileSync(piece!.file)).toString().split('\n').at(-2)).toBe('token <redacted> and <redacted>, short, ü');
});

test('beyond its limit the oldest pieces are given up and that is told', async () => {
  const spool = open(1_000);
  for (const from of [1, 2, 3]) keep(spool, from, `${'x'.repeat(400)}\n`, `ins_${from}`);
  expect((await spool.pieces()).map(({ from }) => from)).toEqual([2, 3]);
  expect(told).toEqual([expect.stringContaining('given up')]);
});
