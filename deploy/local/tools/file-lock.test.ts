import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, printed, spawnNode } from '../testing/child.ts';
import { scratchFolder } from '../testing/scratch.ts';
import { tryLock, withLock } from './file-lock.ts';

test('one holder at a time, also within one process', () => {
  const file = join(scratchFolder(), 'a.lock');
  const first = tryLock(file);
  expect(first).not.toBeNull();
  expect(tryLock(file)).toBeNull();
  first?.release();
  first?.release();
  const second = tryLock(file);
  expect(second).not.toBeNull();
  second?.release();
});

test('only its owner may open the lock file', () => {
  const file = join(scratchFolder(), 'a.lock');
  const lock = tryLock(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  lock?.release();
});

test('a holder that is killed lets go', async () => {
  const file = join(scratchFolder(), 'a.lock');
  const module = new URL('./file-lock.ts', import.meta.url).href;
  const holder = spawnNode(
    `const { tryLock } = await import(${JSON.stringify(module)}); tryLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000);`,
  );
  await printed(holder, 'held');
  expect(tryLock(file)).toBeNull();
  holder.kill('SIGKILL');
  await ended(holder);
  const lock = tryLock(file);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('waiters run one after another and are told that they wait', async () => {
  const file = join(scratchFolder(), 'a.lock');
  const order: string[] = [];
  let waits = 0;
  const work = (name: string) =>
    withLock(
      file,
      async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
      },
      () => waits++,
    );
  await Promise.all([work('a'), work('b')]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(waits).toBe(1);
});

test('the lock is released when the work throws', async () => {
  const file = join(scratchFolder(), 'a.lock');
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const lock = tryLock(file);
  expect(lock).not.toBeNull();
  lock?.release();
});
