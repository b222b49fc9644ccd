import { expect, test } from 'vitest';
import type { InstanceFact } from '../contracts/instance.ts';
import { judgeFact, timeoutFailure } from './await-rules.ts';

function fact(kind: InstanceFact['kind'], over: Partial<InstanceFact> = {}): InstanceFact {
  return { kind, generation: 2, seq: 10, restarts: 0, at: '', code: null, message: null, ...over };
}

test('a process that was started satisfies the wait for it, only an answer the wait for readiness', () => {
  expect(judgeFact('await-process', fact('running'), 2, -1).kind).toBe('met');
  expect(judgeFact('await-ready', fact('running'), 2, -1).kind).toBe('wait');
  expect(judgeFact('await-ready', fact('not-ready'), 2, -1).kind).toBe('wait');
  expect(judgeFact('await-ready', fact('ready'), 2, -1).kind).toBe('met');
});

test('no fact, or one of an older generation, says nothing', () => {
  expect(judgeFact('await-ready', null, 2, -1).kind).toBe('wait');
  expect(judgeFact('await-ready', fact('ready', { generation: 1 }), 2, -1).kind).toBe('wait');
  expect(judgeFact('await-process', fact('blocked', { generation: 1 }), 2, -1).kind).toBe('wait');
});

test('a blocked or crashed claw fails the attempt with its own code', () => {
  expect(judgeFact('await-process', fact('blocked', { code: 'VOLUME_UNAVAILABLE', message: 'no' }), 2, -1)).toEqual({
    kind: 'failed',
    code: 'VOLUME_UNAVAILABLE',
    message: 'no',
  });
  expect(judgeFact('await-ready', fact('exited'), 2, -1)).toMatchObject({ kind: 'failed', code: 'PROCESS_EXITED' });
});

test('the reason of an earlier attempt does not fail the next one', () => {
  expect(judgeFact('await-process', fact('blocked', { seq: 10 }), 2, 10).kind).toBe('wait');
  expect(judgeFact('await-process', fact('blocked', { seq: 11 }), 2, 10).kind).toBe('failed');
  expect(judgeFact('await-process', fact('running', { seq: 10 }), 2, 10).kind).toBe('met');
});

test('a claw that crashes while it is being stopped is on its way, one that cannot be removed is not', () => {
  expect(judgeFact('await-stopped', fact('exited'), 2, -1).kind).toBe('wait');
  expect(judgeFact('await-stopped', fact('removed'), 2, -1).kind).toBe('met');
  expect(judgeFact('await-removed', fact('stopped'), 2, -1).kind).toBe('wait');
  expect(judgeFact('await-removed', fact('blocked', { code: 'VOLUME_UNAVAILABLE' }), 2, -1).kind).toBe('failed');
});

test('what ran out of time says whether the host was there at all', () => {
  expect(timeoutFailure('await-ready', true).code).toBe('GATEWAY_UNAVAILABLE');
  expect(timeoutFailure('await-process', true).code).toBe('TIMEOUT');
  expect(timeoutFailure('await-ready', false).code).toBe('HOST_OFFLINE');
});
