import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, printed, spawnNode } from '../testing/child.ts';
import { scratchFolder } from '../testing/scratch.ts';
import { cached, cacheRoot } from './cache.ts';

test('an entry is made once, however many ask at the same time', async () => {
  const root = scratchFolder();
  let fills = 0;
  const ask = () =>
    cached(root, 'tools', 'thing-1', async (folder) => {
      fills++;
      writeFileSync(join(folder, 'binary'), 'x');
    });
  const entries = await Promise.all([ask(), ask(), ask()]);
  expect(fills).toBe(1);
  expect(entries.filter((entry) => !entry.hit)).toHaveLength(1);
  expect(new Set(entries.map((entry) => entry.path)).size).toBe(1);
});

test('nobody sees an entry before it is complete', async () => {
  const root = scratchFolder();
  const { path } = await cached(root, 'tools', 'thing-1', async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    expect(existsSync(join(root, 'tools', 'thing-1'))).toBe(false);
  });
  expect(readdirSync(path)).toEqual(['half']);
});

test('a fill that fails leaves nothing behind and the next one may try again', async () => {
  const root = scratchFolder();
  await expect(
    cached(root, 'tools', 'thing-1', async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('no network');
    }),
  ).rejects.toThrow('no network');
  expect(readdirSync(join(root, 'tools'))).toEqual([]);
  const entry = await cached(root, 'tools', 'thing-1', async (folder) => writeFileSync(join(folder, 'whole'), ''));
  expect(readdirSync(entry.path)).toEqual(['whole']);
});

test('a filler that was killed is replaced and its draft removed', async () => {
  const root = scratchFolder();
  const module = new URL('./cache.ts', import.meta.url).href;
  const filler = spawnNode(
    `const { cached } = await import(${JSON.stringify(module)}); const { writeFileSync } = await import('node:fs');
     await cached(${JSON.stringify(root)}, 'tools', 'thing-1', async (folder) => { writeFileSync(folder + '/half', ''); console.log('filling'); await new Promise(() => setInterval(() => {}, 1000)); });`,
  );
  await printed(filler, 'filling');
  filler.kill('SIGKILL');
  await ended(filler);
  expect(readdirSync(join(root, 'tools'))).toHaveLength(1);
  const entry = await cached(root, 'tools', 'thing-1', async (folder) => writeFileSync(join(folder, 'whole'), 'yes'));
  expect(readFileSync(join(entry.path, 'whole'), 'utf8')).toBe('yes');
  expect(readdirSync(join(root, 'tools'))).toEqual(['thing-1']);
});

test('other users may read an entry even when this user’s files are private by default', async () => {
  const root = scratchFolder();
  mkdirSync(join(root, 'tools'));
  const before = process.umask(0o077);
  try {
    const { path } = await cached(root, 'tools', 'thing-1', async () => undefined);
    expect(statSync(path).mode & 0o777).toBe(0o755);
  } finally {
    process.umask(before);
  }
});

test('the cache is where the person says, else where every user of the machine can read it', () => {
  expect(cacheRoot({ CLAWLOOPS_CACHE: '/somewhere' }, 1000)).toBe('/somewhere');
  expect(cacheRoot({ XDG_CACHE_HOME: '/xdg' }, 1000)).toBe('/xdg/clawloops');
  if (process.platform === 'linux') expect(cacheRoot({ XDG_CACHE_HOME: '/xdg' }, 0)).toBe('/var/cache/clawloops');
});
