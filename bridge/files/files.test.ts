import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ClawFolders, checkFolders, clawFolders, prepareFolders, removeFolders } from './folders.ts';
import { contentHash, hashTree, ownerOnlyMode, removeFromTree, writeTree } from './tree.ts';

let base: string;
let folders: ClawFolders;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'files-'));
  mkdirSync(path.join(base, 'claws'));
  folders = clawFolders(base, 'claw-1');
});
afterEach(() => rmSync(base, { recursive: true }));

const file = (name: string, content: string) => ({ path: name, mode: 0o600, content });
const inConfig = (name: string): string => path.join(folders.config, name);

test('folders and files are for their owner only', () => {
  prepareFolders(folders, null);
  writeTree(folders.config, [file('deep/er/file.json', '{}')], null);
  for (const folder of [folders.root, folders.config, folders.data, folders.logs, folders.run, inConfig('deep')])
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(inConfig('deep/er/file.json')).mode & 0o777).toBe(0o600);
  expect(ownerOnlyMode('0644')).toBe(0o600);
  expect(ownerOnlyMode('rubbish')).toBe(0o600);
});

test('a link that a claw planted in place of a folder is not followed, and what it points to stays as it was', () => {
  prepareFolders(folders, null);
  const victim = path.join(base, 'victim');
  mkdirSync(victim);
  writeFileSync(path.join(victim, 'file'), 'untouched');
  symlinkSync(victim, inConfig('deep'));
  expect(() => writeTree(folders.config, [file('deep/file', 'evil')], null)).toThrow(expect.objectContaining({ code: 'VOLUME_UNAVAILABLE' }));
  removeFromTree(folders.config, ['deep/file']);
  expect(readFileSync(path.join(victim, 'file'), 'utf8')).toBe('untouched');
  expect(hashTree(folders.config, [{ path: 'deep/file', bytes: 9 }]).get('deep/file')).toBeNull();
});

test('a link that a claw planted in place of a file is replaced by the file', () => {
  prepareFolders(folders, null);
  const victim = path.join(base, 'victim');
  writeFileSync(victim, 'untouched');
  symlinkSync(victim, inConfig('file'));
  expect(hashTree(folders.config, [{ path: 'file', bytes: 9 }]).get('file')).toBeNull();
  writeTree(folders.config, [file('file', 'ours')], null);
  expect(lstatSync(inConfig('file')).isFile()).toBe(true);
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
});

test.skipIf(process.getuid?.() !== 0)('folders that a daemon made and did not live to give to the claw are given to it by the next one', () => {
  const owner = { id: 1_990_000_001, block: { first: 1_990_000_000, last: 1_990_000_119 } };
  for (const folder of [folders.root, folders.config, inConfig('deep')]) mkdirSync(folder, { mode: 0o700 });
  prepareFolders(folders, owner);
  writeTree(folders.config, [file('deep/er/file.json', '{}')], owner.id);
  for (const entry of [folders.config, folders.data, inConfig('deep'), inConfig('deep/er'), inConfig('deep/er/file.json')])
    expect(statSync(entry), entry).toMatchObject({ uid: owner.id, gid: owner.id });
});

test('a path that leaves the folder is refused', () => {
  prepareFolders(folders, null);
  for (const name of ['../out', '/etc/out', 'a/../../out', 'a//b', '']) {
    expect(() => writeTree(folders.config, [file(name, 'x')], null), name).toThrow(expect.objectContaining({ code: 'VOLUME_UNAVAILABLE' }));
  }
  expect(existsSync(path.join(folders.root, 'out'))).toBe(false);
});

test('the hash of a file on disk is that of its content', () => {
  prepareFolders(folders, null);
  writeTree(folders.config, [file('a', 'one')], null);
  expect(
    hashTree(folders.config, [
      { path: 'a', bytes: 3 },
      { path: 'missing', bytes: 3 },
    ]),
  ).toEqual(
    new Map([
      ['a', contentHash('one')],
      ['missing', null],
    ]),
  );
});

test('each folder that its owner may not write is named, whoever asks', () => {
  for (const name of ['root', 'config', 'data', 'logs', 'run'] as const) {
    prepareFolders(folders, null);
    chmodSync(folders[name], 0o500);
    expect(() => checkFolders(folders, null), name).toThrow(
      expect.objectContaining({ code: 'VOLUME_UNAVAILABLE', message: expect.stringContaining(folders[name]) }),
    );
    chmodSync(folders[name], 0o700);
    checkFolders(folders, null);
  }
});

test('a file where a folder must be is told of', () => {
  prepareFolders(folders, null);
  rmSync(folders.data, { recursive: true });
  writeFileSync(folders.data, '');
  expect(() => prepareFolders(folders, null)).toThrow(expect.objectContaining({ message: expect.stringContaining('not a folder') }));
});

test('wipe removes everything without following links; retain keeps the data closed', () => {
  prepareFolders(folders, null);
  const victim = path.join(base, 'victim');
  mkdirSync(victim);
  symlinkSync(victim, path.join(folders.data, 'link'));
  removeFolders(folders, 'retain', null);
  expect(statSync(folders.root).mode & 0o777).toBe(0o700);
  removeFolders(folders, 'wipe', null);
  removeFolders(folders, 'wipe', null);
  removeFolders(folders, 'retain', null);
  expect(existsSync(folders.root)).toBe(false);
  expect(existsSync(victim)).toBe(true);
});
