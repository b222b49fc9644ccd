import { expect, test } from 'vitest';
import { foldKey } from './fleet-event.ts';

const NOON = new Date('2026-11-21T12:00:00Z');
const subject = { kind: 'instance', id: 'ins_1' } as const;
const crash = (exitCode: number, id = 'ins_1') =>
  ({ type: 'instance.crashed', subject: { ...subject, id }, data: { exitCode, signal: null, restarts: 1 } }) as const;

test('crashes are equal when the same claw ends in the same way on the same day, however often it was restarted', () => {
  expect(foldKey(crash(1), NOON)).toBe(foldKey({ ...crash(1), data: { exitCode: 1, signal: null, restarts: 9 } }, NOON));
  expect(foldKey(crash(1), NOON)).not.toBe(foldKey(crash(137), NOON));
  expect(foldKey(crash(1), NOON)).not.toBe(foldKey(crash(1, 'ins_2'), NOON));
  expect(foldKey(crash(1), NOON)).not.toBe(foldKey(crash(1), new Date('2026-11-22T00:00:00Z')));
});

test('what an operation says is said once for each operation, on whatever day', () => {
  const accepted = (operationId: string) => ({ type: 'operation.accepted', subject, operationId, data: { kind: 'start' } }) as const;
  expect(foldKey(accepted('op_1'), NOON)).toBe(foldKey(accepted('op_1'), new Date(0)));
  expect(foldKey(accepted('op_1'), NOON)).not.toBe(foldKey(accepted('op_2'), NOON));
});

test('what a person does is equal to nothing else', () => {
  expect(foldKey({ type: 'api-key.created', subject: { kind: 'api-key', id: 'key_1' }, data: {} }, NOON)).toBeNull();
});
