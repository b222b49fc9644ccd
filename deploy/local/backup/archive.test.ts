import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { readArchive, verifyArchive, writeArchive } from './archive.ts';
import type { BackupManifest } from './manifest.ts';

const about: Omit<BackupManifest, 'parts'> = {
  format: 1,
  product: '0.1.0',
  createdAt: '2026-11-21T12:00:00.000Z',
  platform: 'linux-x64',
  versions: { postgres: '18.4', temporal: '1.32.0', seaweedfs: '4.48' },
  migration: 'm',
  instances: 0,
};
const content = randomBytes(300_000);

/** A small backup with two parts; the name says how it is compressed. */
async function written(name: string, passphrase: string | null = null): Promise<string> {
  const file = join(scratchFolder(), name);
  const archive = writeArchive(file, { namedLike: name, passphrase });
  await archive.folder('postgres');
  await archive.file('postgres/base', content.length, [content.subarray(0, 1000), content.subarray(1000)]);
  await archive.file('platform/secrets.json', 2, [Buffer.from('{}')]);
  await archive.finish(about);
  return file;
}

async function names(file: string, passphrase: string | null = null): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of readArchive(file, passphrase)) found.push(name);
  return found;
}

describe.each(['one.tar.zst', 'one.tar.gz', 'one.tar'])('a backup %s', (name) => {
  test('is for its owner only, whole, and what was put in', async () => {
    const file = await written(name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await verifyArchive(file, null)).toMatchObject({
      ...about,
      parts: { postgres: { files: 1, bytes: content.length }, platform: { files: 1, bytes: 2 } },
    });
    expect(await names(file)).toEqual(['postgres/', 'postgres/base', 'platform/secrets.json', 'manifest.json']);
  });

  test.each([0.1, 0.5, 0.9, 0.999])('that was cut off at %d of its length is refused', async (part) => {
    const file = await written(name);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * part)));
    await expect(verifyArchive(file, null)).rejects.toThrow('is not a whole backup');
  });

  test('of which one byte was changed is refused', async () => {
    const file = await written(name);
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(verifyArchive(file, null)).rejects.toThrow(/damaged|not a whole backup/);
  });
});

describe('a backup sealed with a passphrase', () => {
  test('opens with it and shows nothing without it', async () => {
    const file = await written('sealed.tar', 'open sesame');
    expect((await verifyArchive(file, 'open sesame')).parts.postgres?.bytes).toBe(content.length);
    expect(readFileSync(file).includes(content.subarray(0, 64))).toBe(false);
    expect(readFileSync(file).includes('secrets.json')).toBe(false);
    await expect(verifyArchive(file, null)).rejects.toThrow('Give it with --passphrase-stdin');
    await expect(verifyArchive(file, 'open Sesame')).rejects.toThrow('This is not the passphrase');
  });

  test('of which any byte was changed is refused', async () => {
    const file = await written('sealed.tar.zst', 'open sesame');
    const whole = readFileSync(file);
    for (const at of [20, 40, 60, 5_000, whole.length - 1]) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      await expect(verifyArchive(file, 'open sesame')).rejects.toThrow();
    }
  });
});

test('what is no backup at all is refused with a sentence', async () => {
  const file = join(scratchFolder(), 'notes.tar');
  writeFileSync(file, 'not a backup');
  await expect(verifyArchive(file, null)).rejects.toThrow(`${file} is not a whole backup of ClawLoops`);
});

test('a backup that cannot be written to its end leaves the writer with the reason', async () => {
  const file = join(scratchFolder(), 'one.tar');
  const archive = writeArchive(file, { namedLike: file, passphrase: null });
  await expect(archive.file('postgres/base', 10, [Buffer.alloc(3)])).rejects.toThrow();
  await archive.abandon();
  expect(existsSync(`${file}.tmp`)).toBe(false);
});
