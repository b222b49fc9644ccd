import { expect, it } from 'vitest';
import { type Asked, auditLedger, auditOrder, type Outcome, type RecordedOperation, restingPhases } from './ledger.ts';

const asked = (requestId: string, outcome: Outcome): Asked => ({ requestId, what: 'stop', outcome });
const accepted = (operationId: string): Outcome => ({ kind: 'accepted', operationId });

const operation = (id: string, more: Partial<RecordedOperation> = {}): RecordedOperation => ({
  id,
  instanceId: 'ins_1',
  seq: 1,
  kind: 'stop',
  requestId: `for ${id}`,
  state: 'succeeded',
  startedAt: new Date(1_000),
  finishedAt: new Date(2_000),
  ...more,
});

it('finds nothing where every accepted request is one operation and every refused one is none', () => {
  const requests = [
    asked('for a', accepted('a')),
    asked('lost', { kind: 'unknown' }),
    asked('for b', { kind: 'unknown' }),
    asked('no', { kind: 'refused', code: 'X' }),
  ];
  expect(auditLedger(requests, [operation('a'), operation('b')])).toEqual([]);
});

it.each([
  ['an accepted operation is lost', [asked('for a', accepted('a'))], []],
  ['became 2 operations', [asked('r', accepted('a'))], [operation('a', { requestId: 'r' }), operation('b', { requestId: 'r' })]],
  ['a refused request became an operation', [asked('for a', { kind: 'refused', code: 'ILLEGAL_TRANSITION' })], [operation('a')]],
  ['an operation nobody asked for', [], [operation('a')]],
  ['an operation nobody asked for', [], [operation('a', { requestId: null })]],
])('tells that %s', (sentence, requests, rows) => {
  expect(auditLedger(requests, rows)).toEqual([expect.stringContaining(sentence)]);
});

it('wants operations numbered without a gap and one at a time', () => {
  const first = operation('a');
  const next = operation('b', { seq: 2, startedAt: new Date(2_000), finishedAt: new Date(3_000) });
  expect(auditOrder([next, first])).toEqual([]);
  expect(auditOrder([first, { ...next, seq: 3 }])).toEqual([expect.stringContaining('a gap')]);
  expect(auditOrder([first, { ...next, startedAt: new Date(1_999) }])).toEqual([expect.stringContaining('two operations of ins_1 at once')]);
  expect(auditOrder([first, { ...next, instanceId: 'ins_2', seq: 1, startedAt: new Date(1_500) }])).toEqual([]);
});

it('lets operations that never began overlap with nothing', () => {
  const refused = operation('b', { seq: 2, state: 'failed', startedAt: null, finishedAt: new Date(1_500) });
  const next = operation('c', { seq: 3, startedAt: new Date(2_500) });
  expect(auditOrder([operation('a'), refused, next])).toEqual([]);
});

it('knows where an instance rests after its last operation that began', () => {
  expect(restingPhases([])).toBeNull();
  expect(restingPhases([operation('a', { kind: 'stop' })])).toEqual(['Stopped']);
  expect(restingPhases([operation('a', { kind: 'create' })])).toContain('Running');
  expect(restingPhases([operation('a', { kind: 'create' }), operation('b', { seq: 2, kind: 'stop', startedAt: null, state: 'failed' })])).toContain('Running');
  expect(restingPhases([operation('b', { seq: 2, kind: 'destroy' }), operation('a', { kind: 'create' })])).toEqual(['Destroyed']);
  expect(restingPhases([operation('a', { kind: 'start', state: 'failed' })])).toBeNull();
  expect(restingPhases([operation('a', { kind: 'update' })])).toBeNull();
});
