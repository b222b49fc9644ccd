import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProcessTable } from '../process/machine-table.ts';
import { createInstallFolder } from '../runtime/install-folder.ts';
import { takeLock } from './lock.ts';

const table = createProcessTable();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a lock is held once and can be taken again when it was given back', () => {
  const file = path.join(folder, 'lock');
  const lock = takeLock(file, table);
  expect(takeLock(file, table)).toEqual({ heldBy: process.pid });
  if ('release' in lock) lock.release();
  expect(takeLock(file, table)).toHaveProperty('release');
});

test('a lock of a process that is gone, of another process with its pid, or of nobody is taken over', () => {
  for (const holder of ['{"pid":999999999,"start":"x"}', `{"pid":${process.pid},"start":"another life"}`, 'rubbish', '']) {
    const file = path.join(folder, `lock-${holder.length}`);
    writeFileSync(file, holder);
    expect(takeLock(file, table), holder).toHaveProperty('release');
  }
  expect(readdirSync(folder).filter((name) => name.includes('stale'))).toEqual([]);
});

test('an installation that fails leaves nothing, one that is asked for twice is made once', async () => {
  const installs = createInstallFolder(folder, table);
  await expect(installs.install('a/1', () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(readdirSync(path.join(folder, 'a'))).toEqual([]);
  let made = 0;
  const make = async (target: string) => {
    made += 1;
    writeFileSync(path.join(target, 'file'), '');
  };
  await Promise.all([installs.install('a/1', make), createInstallFolder(folder, table).install('a/1', make), installs.install('a/1', make)]);
  await installs.install('a/1', make);
  expect(made).toBe(1);
  expect(existsSync(path.join(folder, 'a/1/file'))).toBe(true);
});

test('what a killed installer left behind is cleared away', async () => {
  const installs = createInstallFolder(folder, table);
  await installs.install('b/other', () => undefined);
  writeFileSync(path.join(folder, 'b', '1.lock'), '{"pid":999999999,"start":"x"}');
  writeFileSync(path.join(folder, 'b', '1.making-dead'), '');
  await installs.install('b/1', () => undefined);
  expect(readdirSync(path.join(folder, 'b')).sort()).toEqual(['1', 'other']);
});
