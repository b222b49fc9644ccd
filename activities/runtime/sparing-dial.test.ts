import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { Failure, type FailureCode } from '../../workflows/contracts/failures.ts';
import { sparingDial } from './sparing-dial.ts';

const claw = (instanceId: string) => ({ tenantId: 'ten_1', hostId: 'hst_1', instanceId });

let time: number;
let asked: string[];
let answer: FailureCode | null;
let dial: ReturnType<typeof sparingDial>;

beforeEach(() => {
  time = 0;
  asked = [];
  answer = null;
  const driver = {
    dial: async ({ instanceId }: { instanceId: string }) => {
      asked.push(instanceId);
      if (answer) throw new Failure(answer);
      return new PassThrough();
    },
  };
  dial = sparingDial(driver, () => time);
});

const fails = async (times: number, instanceId = 'ins_1') => {
  for (let index = 0; index < times; index += 1) await dial(claw(instanceId), 'http').catch(() => undefined);
};

test('a claw that cannot be reached again and again is left alone, and whoever asks hears so at once, and when to come again', async () => {
  answer = 'RUNTIME_UNREACHABLE';
  await fails(5);
  await expect(dial(claw('ins_1'), 'http')).rejects.toMatchObject({
    code: 'GATEWAY_UNAVAILABLE',
    details: { retryAfter: '2', nextStep: expect.stringContaining('2 s') },
  });
  expect(asked).toHaveLength(5);
});

test('another claw of the same host is not', async () => {
  answer = 'GATEWAY_UNAVAILABLE';
  await fails(5);
  answer = null;
  expect(await dial(claw('ins_2'), 'http')).toBeInstanceOf(PassThrough);
});

test('it is tried again after a moment, by one at first', async () => {
  answer = 'GATEWAY_UNAVAILABLE';
  await fails(5);
  time = 2_001;
  answer = null;
  const first = dial(claw('ins_1'), 'http');
  await expect(dial(claw('ins_1'), 'http')).rejects.toMatchObject({ details: { retryAfter: '1' } });
  await first;
  await dial(claw('ins_1'), 'http');
  expect(asked).toHaveLength(7);
});

test.each(['HOST_OFFLINE', 'NOT_FOUND'] as const)('%s says nothing of the claw', async (code) => {
  answer = code;
  await fails(6);
  await expect(dial(claw('ins_1'), 'http')).rejects.toMatchObject({ code });
});
