import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { folderSize } from '../metrics/folder-size.ts';
import { createHostLoad } from '../metrics/host-load.ts';
import { createProcessTable } from './machine-table.ts';
import { parseUsage } from './ps-table.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

test('a process that works is seen working, with its parent and its memory', async () => {
  const table = createProcessTable();
  const child = spawn(process.execPath, ['-e', 'for (;;) Math.random();']);
  undo.push(() => child.kill('SIGKILL'));
  const look = () => table.usage().find(({ pid }) => pid === child.pid);
  await expect.poll(() => look()?.cpuMilliseconds ?? 0, { timeout: 60_000 }).toBeGreaterThan(100);
  expect(look()).toMatchObject({ ppid: process.pid, uid: process.getuid?.() });
  expect(look()?.memoryBytes).toBeGreaterThan(2 ** 20);
});

test('what `ps` says is understood, times of days and of hundredths too', () => {
  expect(parseUsage('   10     1    10   501 S     2048 1-02:03:04')).toEqual({
    pid: 10,
    ppid: 1,
    pgid: 10,
    uid: 501,
    cpuMilliseconds: 93_784_000,
    memoryBytes: 2 ** 21,
  });
  expect(parseUsage(' 11 10 10 501 R+ 8 0:01.25')?.cpuMilliseconds).toBe(1_250);
  expect(parseUsage(' 12 10 10 501 Z 0 0:00')).toBeNull();
  expect(parseUsage('nonsense')).toBeNull();
});

test('a folder counts what is in it and below, and one with too much is not counted', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'clawloops-size-'));
  undo.push(() => rmSync(folder, { recursive: true }));
  for (const name of ['a', 'b']) writeFileSync(path.join(folder, name), Buffer.alloc(64 * 1024, 1));
  expect(await folderSize(folder)).toBeGreaterThanOrEqual(2 * 64 * 1024);
  expect(await folderSize(folder, 1)).toBeNull();
  expect(await folderSize(path.join(folder, 'none'))).toBe(0);
});

test('the machine is measured from the second look on', async () => {
  const look = createHostLoad(tmpdir());
  expect(await look()).toBeNull();
  const sample = await look();
  expect(sample?.diskTotalBytes).toBeGreaterThan(sample?.diskUsedBytes ?? 0);
  expect(sample?.memoryBytes).toBeGreaterThan(0);
});
