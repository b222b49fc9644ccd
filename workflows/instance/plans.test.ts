import { describe, expect, test } from 'vitest';
import type { InstanceOutline } from '../../activities/instance/contract.ts';
import { OperationKind } from '../contracts/operation.ts';
import { phaseAfterFailure, phaseAfterSuccess, planCompensation, planOperation } from './plans.ts';

const OPENCLAW: InstanceOutline = {
  type: 'openclaw',
  key: 'none',
  keyDelivery: 'dial',
  confirmsConfig: true,
  checksConfig: true,
  needsRuntime: true,
  changed: true,
  workload: null,
};
const RUNNING: InstanceOutline = { ...OPENCLAW, key: 'settled', workload: 'running' };

function todo(kind: OperationKind, outline: InstanceOutline): string[] {
  return planOperation(kind, outline)
    .filter(({ skip }) => !skip)
    .map(({ name }) => name);
}

test('create does every step in the order people see', () => {
  expect(todo('create', OPENCLAW)).toEqual([
    'reserve',
    'issue-model-key',
    'prepare-runtime',
    'render-config',
    'apply-workload',
    'await-process',
    'await-ready',
    'verify-config',
    'deliver-model-key',
    'probe-model',
  ]);
});

test('a claw without packages, confirmation and model key skips what does not concern it', () => {
  const plain: InstanceOutline = { ...OPENCLAW, keyDelivery: 'none', confirmsConfig: false, needsRuntime: false };
  expect(todo('create', plain)).toEqual(['reserve', 'render-config', 'apply-workload', 'await-process', 'await-ready']);
});

test('an update that changes nothing the runtime can see does nothing', () => {
  expect(todo('update', { ...RUNNING, changed: false })).toEqual([]);
});

test('an update of a stopped instance only checks its configuration', () => {
  expect(todo('update', { ...RUNNING, workload: 'stopped' })).toEqual(['reserve', 'render-config']);
});

test('a key is rotated without a restart where it can be dialled in, with one where it is in the environment', () => {
  expect(todo('rotate-key', RUNNING)).toEqual(['issue-model-key', 'deliver-model-key', 'probe-model']);
  expect(todo('rotate-key', { ...RUNNING, keyDelivery: 'env' })).toEqual([
    'issue-model-key',
    'apply-workload',
    'await-process',
    'await-ready',
    'deliver-model-key',
    'probe-model',
  ]);
  expect(todo('rotate-key', { ...RUNNING, workload: 'stopped' })).toEqual(['issue-model-key']);
});

test.each([['stop'], ['kill']] as const)('%s of a claw the runtime never heard of has nothing to do', (kind) => {
  expect(todo(kind, OPENCLAW)).toEqual([]);
  expect(todo(kind, { ...OPENCLAW, workload: 'removed' })).toEqual([]);
});

test('destroy revokes first, waits for the removal where there was something, and gives the slot back last', () => {
  expect(todo('destroy', RUNNING)).toEqual(['revoke-model-keys', 'destroy-workload', 'await-removed', 'release']);
  expect(todo('destroy', OPENCLAW)).toEqual(['revoke-model-keys', 'release']);
  // What was kept when a create was given up may still have to be wiped.
  expect(todo('destroy', { ...OPENCLAW, workload: 'removed' })).toEqual(['revoke-model-keys', 'destroy-workload', 'await-removed', 'release']);
});

describe('compensation', () => {
  test('a create is undone completely', () => {
    expect(planCompensation('create')).toEqual(['revoke-model-keys', 'destroy-workload', 'await-removed', 'release']);
  });

  test('a start is stopped, whether or not it is known to have reached the runtime', () => {
    expect(planCompensation('start')).toEqual(['stop-workload']);
  });
});

describe('phases after an operation', () => {
  test('a failed update that never reached the runtime leaves the instance as it was', () => {
    expect(phaseAfterFailure('update', 'failed', { priorPhase: 'Running', applied: false })).toEqual({ phase: 'Running', settlesOn: null });
  });

  test('a failed update that did heals by itself when the claw answers after all', () => {
    expect(phaseAfterFailure('update', 'failed', { priorPhase: 'Running', applied: true })).toEqual({ phase: 'Failed', settlesOn: 'ready' });
  });

  test('a cancelled start is stopped, one that was given up on has failed', () => {
    expect(phaseAfterFailure('start', 'cancel', { priorPhase: 'Stopped', applied: true }).phase).toBe('Stopped');
    expect(phaseAfterFailure('start', 'give-up', { priorPhase: 'Stopped', applied: true }).phase).toBe('Failed');
  });

  test('every kind ends in a phase that people can rest in', () => {
    for (const kind of Object.values(OperationKind)) {
      const resting = ['Running', 'Stopped', 'Failed', 'Destroyed'];
      expect(resting).toContain(phaseAfterSuccess(kind, 'Stopped', { generation: 1, wanted: 'stopped' }));
      for (const cause of ['failed', 'cancel', 'give-up'] as const)
        expect(resting).toContain(phaseAfterFailure(kind, cause, { priorPhase: 'Running', applied: true }).phase);
    }
  });
});

test('a key that no model has answered to yet is delivered and probed with whatever brings the claw up next', () => {
  expect(todo('restart', RUNNING)).toEqual(['apply-workload', 'await-process', 'await-ready', 'verify-config']);
  expect(todo('restart', { ...RUNNING, key: 'held' }).slice(-2)).toEqual(['deliver-model-key', 'probe-model']);
  expect(todo('start', { ...RUNNING, key: 'settled', workload: 'stopped' })).not.toContain('probe-model');
});
