import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readText } from './verify-provider.ts';

test('an answer is read whole, and one without end only as far as its first mebibyte', async () => {
  expect(await readText(Readable.from([Buffer.from('o'), Buffer.from('k')]))).toBe('ok');
  let given = 0;
  const endless = new Readable({
    read() {
      given += 1;
      this.push(Buffer.alloc(64 * 1024, 'x'));
    },
  });
  expect((await readText(endless)).length).toBe(1024 * 1024);
  expect(endless.destroyed).toBe(true);
  expect(given).toBeLessThan(32);
});

test('an answer that breaks off is told of', async () => {
  const broken = new Readable({ read: () => broken.destroy(new Error('gone')) });
  await expect(readText(broken)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
});
