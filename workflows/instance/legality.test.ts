import { expect, test } from 'vitest';
import { LEGAL_OPERATIONS, Phase } from '../contracts/instance.ts';
import { OperationKind } from '../contracts/operation.ts';
import { reduce } from './instance-machine.ts';
import { allowedFor, mayBegin } from './legality.ts';
import { type InstanceState, newInstance } from './state.ts';

const AT = '2026-11-21T10:00:00.000Z';
const command = { operationId: 'op_1', seq: 1, generation: 1, params: {} };

function running(kind: OperationKind): InstanceState {
  const began = reduce(newInstance(), { type: 'operation-began', command: { ...command, kind }, generation: 1, phase: 'Creating', at: AT });
  return reduce(began, { type: 'operation-planned', steps: [{ name: 'reserve', skip: false }], maxAttempts: 8, at: AT });
}

function waiting(kind: OperationKind): InstanceState {
  return reduce(running(kind), { type: 'step-waits', name: 'reserve', error: { code: 'TIMEOUT', message: '', nextStep: '' }, nextAttemptAt: AT });
}

test('whatever the API may accept in a phase may begin in it', () => {
  for (const phase of Object.values(Phase)) for (const kind of LEGAL_OPERATIONS[phase]) expect(mayBegin(phase, kind), `${kind} in ${phase}`).toBe(true);
});

test('a create begins only once, and nothing begins after the end', () => {
  expect(mayBegin('Creating', 'create')).toBe(true);
  for (const phase of ['Running', 'Stopped', 'Failed', 'Destroyed'] as const) expect(mayBegin(phase, 'create')).toBe(false);
  for (const kind of Object.values(OperationKind)) expect(mayBegin('Destroyed', kind)).toBe(false);
});

test('retry now and give up are there only while a step waits', () => {
  expect(allowedFor(running('create'), 'op_1')).toEqual(['cancel']);
  expect(allowedFor(waiting('create'), 'op_1')).toEqual(['retry-now', 'give-up', 'cancel']);
});

test('what takes an instance down cannot be cancelled halfway', () => {
  expect(allowedFor(running('destroy'), 'op_1')).toEqual([]);
  expect(allowedFor(waiting('stop'), 'op_1')).toEqual(['retry-now', 'give-up']);
});

test('a queued operation can be cancelled once, where a begun one can; an unknown one cannot be touched', () => {
  const queued = (kind: OperationKind) => reduce(newInstance(), { type: 'command-received', command: { ...command, kind } });
  const state = queued('create');
  expect(allowedFor(state, 'op_1')).toEqual(['cancel']);
  expect(allowedFor(reduce(state, { type: 'command-withdrawn', operationId: 'op_1' }), 'op_1')).toEqual([]);
  expect(allowedFor(queued('destroy'), 'op_1')).toEqual([]);
  expect(allowedFor(state, 'op_2')).toEqual([]);
});

test('an interrupted operation takes no further wishes', () => {
  expect(allowedFor(reduce(waiting('create'), { type: 'interrupted', interruption: { by: 'cancel' } }), 'op_1')).toEqual([]);
});

test('while an operation is being undone, a person can only hurry it', () => {
  const undoing = reduce(reduce(waiting('create'), { type: 'interrupted', interruption: { by: 'cancel' } }), {
    type: 'compensation-planned',
    steps: ['release'],
    maxAttempts: 8,
  });
  expect(allowedFor(undoing, 'op_1')).toEqual([]);
  const stuck = reduce(undoing, { type: 'step-waits', name: 'release', error: { code: 'HOST_OFFLINE', message: '', nextStep: '' }, nextAttemptAt: AT });
  expect(allowedFor(stuck, 'op_1')).toEqual(['retry-now']);
});
