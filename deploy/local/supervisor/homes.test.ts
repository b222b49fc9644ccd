import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { isReachableByOthers, openHomes, removeHomes } from './homes.ts';

test('a folder below one that keeps others out is not reachable by them', () => {
  const outer = scratchFolder();
  const inner = join(outer, 'a', 'b');
  chmodSync(outer, 0o755);
  mkdirSync(inner, { recursive: true });
  expect(isReachableByOthers(inner)).toBe(true);
  chmodSync(outer, 0o700);
  expect(isReachableByOthers(inner)).toBe(false);
});

test('as root, data in a private folder puts what other users must reach elsewhere, and a reset removes it there', (context) => {
  if (process.getuid?.() !== 0) context.skip('only root runs claws and the database under other users');
  const outer = scratchFolder();
  chmodSync(outer, 0o700);
  const dataDir = join(outer, 'data');
  const homes = openHomes(dataDir);
  expect(homes.elsewhere).toBe(readFileSync(join(dataDir, 'elsewhere'), 'utf8').trim());
  expect(homes.claws.startsWith(homes.elsewhere!)).toBe(true);
  expect(isReachableByOthers(homes.claws)).toBe(true);
  expect(openHomes(dataDir).elsewhere).toBe(homes.elsewhere);
  removeHomes(dataDir);
  expect(existsSync(homes.elsewhere!)).toBe(false);
  expect(existsSync(dataDir)).toBe(false);
});

test('logs are private', () => {
  const outer = scratchFolder();
  chmodSync(outer, 0o755);
  expect(statSync(openHomes(join(outer, 'data')).logs).mode & 0o777).toBe(0o700);
});
