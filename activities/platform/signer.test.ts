import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type KeyRing, keysOf } from './secrets.ts';
import { createSigner } from './signer.ts';

const key = () => new Uint8Array(randomBytes(32));
const OLD = key();
const old: KeyRing = { current: 'local-1', keys: new Map([['local-1', OLD]]) };
const newer: KeyRing = {
  current: 'dky_2',
  keys: new Map([
    ['local-1', OLD],
    ['dky_2', key()],
  ]),
};

test('a signature is proved for its text, by whoever has the key, also after a rotation', async () => {
  const signature = await createSigner(keysOf(old), 'audit').sign('head/7/abc');
  expect(signature).toMatch(/^local-1\./);
  expect(await createSigner(keysOf(old), 'audit').proves('head/7/abc', signature)).toBe(true);
  expect(await createSigner(keysOf(newer), 'audit').proves('head/7/abc', signature)).toBe(true);
  expect(await createSigner(keysOf(newer), 'audit').sign('head/7/abc')).toMatch(/^dky_2\./);
});

test('another text, another purpose, another key and nonsense prove nothing', async () => {
  const signer = createSigner(keysOf(old), 'audit');
  const signature = await signer.sign('head/7/abc');
  expect(await signer.proves('head/8/abc', signature)).toBe(false);
  expect(await createSigner(keysOf(old), 'other').proves('head/7/abc', signature)).toBe(false);
  expect(await createSigner(keysOf({ current: 'local-1', keys: new Map([['local-1', key()]]) }), 'audit').proves('head/7/abc', signature)).toBe(false);
  for (const wrong of ['', '.', 'local-1.', 'gone.AAAA', signature.slice(0, -2)]) expect(await signer.proves('head/7/abc', wrong), wrong).toBe(false);
});
