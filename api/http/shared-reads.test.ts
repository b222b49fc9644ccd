import { expect, test } from 'vitest';
import { SharedReads } from './shared-reads.ts';

/** Reads that end when they are told to, in the order in which they began. */
function scripted() {
  const reads = new SharedReads<number>();
  const begun: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const ask = (key: string) => reads.read(key, () => new Promise<number>((resolve, reject) => begun.push({ resolve, reject })));
  return { ask, begun };
}

/** Everything that was only waiting for promises has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('whoever asks while a read is under way gets the next one, and all of them the same', async () => {
  const { ask, begun } = scripted();
  const [first, second, third] = [ask('a'), ask('a'), ask('a')];
  expect(begun).toHaveLength(1);
  begun[0]?.resolve(1);
  expect(await first).toBe(1);
  await settled();
  expect(begun).toHaveLength(2);
  const fourth = ask('a');
  begun[1]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await settled();
  begun[2]?.resolve(3);
  expect(await fourth).toBe(3);
});

test('different questions do not wait for each other', async () => {
  const { ask, begun } = scripted();
  const both = [ask('a'), ask('b')];
  expect(begun).toHaveLength(2);
  begun[1]?.resolve(2);
  expect(await both[1]).toBe(2);
  begun[0]?.resolve(1);
  expect(await both[0]).toBe(1);
});

test('a read that failed fails those who shared it and nobody after them', async () => {
  const { ask, begun } = scripted();
  const first = ask('a');
  const second = ask('a');
  begun[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settled();
  begun[1]?.resolve(2);
  expect(await second).toBe(2);
  await settled();
  const third = ask('a');
  expect(begun).toHaveLength(3);
  begun[2]?.resolve(3);
  expect(await third).toBe(3);
});
