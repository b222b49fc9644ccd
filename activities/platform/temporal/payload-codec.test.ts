import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type SerializationContext } from '@temporalio/common';
import { expect, test } from 'vitest';
import { createPayloadCodec } from './payload-codec.ts';

const key = () => new Uint8Array(randomBytes(32));
const OLD = key();
const ring = {
  current: 'k2',
  keys: new Map([
    ['k1', OLD],
    ['k2', key()],
  ]),
};
const codec = createPayloadCodec(ring);
const SECRET = 'a sentence nobody may read';

const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'default', workflowId });

async function sealed(context?: SerializationContext) {
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload({ text: SECRET })], context);
  return payload!;
}

async function opened(payload: Awaited<ReturnType<typeof sealed>>, context?: SerializationContext, with_ = codec): Promise<unknown> {
  const [plain] = await with_.decode([payload], context);
  return defaultPayloadConverter.fromPayload(plain!);
}

test('what goes in comes out, and nothing of it can be read in between', async () => {
  const payload = await sealed(of('instance/a'));
  expect(Buffer.from(payload.data!).includes(SECRET)).toBe(false);
  expect(await opened(payload, of('instance/a'))).toEqual({ text: SECRET });
});

test('the same value never looks the same twice', async () => {
  expect(Buffer.from((await sealed()).data!)).not.toEqual(Buffer.from((await sealed()).data!));
});

test('a payload does not open in another workflow, and whoever names another one in its metadata cannot open it either', async () => {
  const payload = await sealed(of('instance/a'));
  await expect(opened(payload, of('instance/b'))).rejects.toThrow('another workflow');
  payload.metadata!['clawloops-workflow'] = new TextEncoder().encode('instance/b');
  await expect(opened(payload, of('instance/b'))).rejects.toThrow();
});

test('a payload without a context opens anywhere, a bound one also where the context is not known', async () => {
  expect(await opened(await sealed(), of('instance/a'))).toEqual({ text: SECRET });
  expect(await opened(await sealed(of('instance/a')))).toEqual({ text: SECRET });
});

test('payloads of an older key open after a rotation, and not without that key', async () => {
  const before = createPayloadCodec({ current: 'k1', keys: new Map([['k1', OLD]]) });
  const [payload] = await before.encode([defaultPayloadConverter.toPayload('x')]);
  expect(await opened(payload!)).toBe('x');
  await expect(opened(payload!, undefined, createPayloadCodec({ current: 'k2', keys: new Map([['k2', key()]]) }))).rejects.toThrow('no key k1');
});

test('a changed byte is noticed', async () => {
  const payload = await sealed();
  payload.data![20]! ^= 1;
  await expect(opened(payload)).rejects.toThrow();
});

test('payloads that were never encrypted are refused, whatever they call themselves', async () => {
  const plain = defaultPayloadConverter.toPayload('plain');
  await expect(codec.decode([plain])).rejects.toThrow('not encrypted');
  await expect(codec.decode([{ data: plain.data ?? null }])).rejects.toThrow('not encrypted');
  await expect(codec.decode([await sealed(), plain])).rejects.toThrow('not encrypted');
});
