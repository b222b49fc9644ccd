import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { writeJson } from './json-file.ts';
import { loadSecrets } from './secrets.ts';

const mode = (file: string) => statSync(file).mode & 0o777;

test('secrets are made once, differ between platforms, and only their owner may read them', () => {
  const folder = scratchFolder();
  const first = loadSecrets(folder);
  expect(loadSecrets(folder)).toEqual(first);
  expect(loadSecrets(scratchFolder()).authSecret).not.toBe(first.authSecret);
  for (const file of [join(folder, 'secrets.json'), first.keyFile, first.hostTokenFile]) expect(mode(file)).toBe(0o600);
});

test('a secret file that was opened to others is closed again at the next start', () => {
  const folder = scratchFolder();
  const { keyFile } = loadSecrets(folder);
  chmodSync(keyFile, 0o644);
  chmodSync(join(folder, 'secrets.json'), 0o644);
  loadSecrets(folder);
  expect(mode(keyFile)).toBe(0o600);
  expect(mode(join(folder, 'secrets.json'))).toBe(0o600);
});

test('the key file holds one key of 32 bytes', () => {
  const { keyFile } = loadSecrets(scratchFolder());
  const { current, keys } = JSON.parse(readFileSync(keyFile, 'utf8')) as { current: string; keys: Record<string, string> };
  expect(Buffer.from(keys[current] ?? '', 'base64')).toHaveLength(32);
});

test('a key that an operator rotated stays', () => {
  const folder = scratchFolder();
  const { keyFile } = loadSecrets(folder);
  const rotated = { current: 'new', keys: { new: Buffer.alloc(32, 1).toString('base64') } };
  writeJson(keyFile, rotated);
  loadSecrets(folder);
  expect(JSON.parse(readFileSync(keyFile, 'utf8'))).toEqual(rotated);
});
