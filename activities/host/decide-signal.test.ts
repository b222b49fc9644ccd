import { describe, expect, test } from 'vitest';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import { decideSignal, type FactContext } from './decide-signal.ts';

const FACT: WorkloadFact = {
  instanceId: 'ins_1',
  generation: 4,
  seq: 9,
  phase: 'running',
  pid: 77,
  startedAt: null,
  ready: true,
  live: true,
  exitCode: null,
  signal: null,
  restarts: 2,
  nextStartAt: null,
  filesHash: 'sha256:a',
  error: null,
  at: '2026-11-21T10:00:00.000Z',
};
const IDLE: FactContext = { intentPhase: 'Running', operationOpen: false, desired: { generation: 4, state: 'running', filesHash: 'sha256:a' } };

function kind(fact: Partial<WorkloadFact>, context: Partial<FactContext> = {}): string | null {
  return decideSignal({ ...FACT, ...fact }, { ...IDLE, ...context })?.kind ?? null;
}

describe('while nothing runs', () => {
  test('readiness that comes and goes is a row and no signal', () => {
    expect(kind({})).toBeNull();
    expect(kind({ ready: false })).toBeNull();
    expect(kind({ phase: 'starting', ready: false })).toBeNull();
  });

  test('a crash is told', () => {
    expect(kind({ phase: 'backing-off', pid: null, ready: false })).toBe('exited');
  });

  test('a claw that is gone although it should run is lost', () => {
    expect(kind({ phase: 'removed', pid: null })).toBe('lost');
    expect(kind({ phase: 'stopped', pid: null })).toBe('lost');
    expect(kind({ phase: 'stopped', pid: null }, { desired: { generation: 4, state: 'stopped', filesHash: null } })).toBeNull();
  });

  test('files changed by hand are told, files the claw has not been given yet are not', () => {
    expect(kind({ filesHash: 'sha256:b' })).toBe('drifted');
    expect(kind({ filesHash: 'sha256:b', generation: 3 })).toBeNull();
  });

  test('what may settle a failed phase is told', () => {
    expect(kind({}, { intentPhase: 'Failed' })).toBe('ready');
    expect(kind({ phase: 'stopped' }, { intentPhase: 'Failed', desired: { generation: 4, state: 'stopped', filesHash: null } })).toBe('stopped');
  });

  test('nobody listens once the instance is destroyed', () => {
    expect(kind({ phase: 'removed' }, { intentPhase: 'Destroyed' })).toBeNull();
  });
});

describe('while an operation is open', () => {
  test('every step the claw takes is told, the moments in between are not', () => {
    const open = { operationOpen: true };
    expect(kind({}, open)).toBe('ready');
    expect(kind({ phase: 'starting', ready: false }, open)).toBe('running');
    expect(kind({ phase: 'blocked', ready: false, error: { code: 'VOLUME_UNAVAILABLE', message: 'no' } }, open)).toBe('blocked');
    expect(kind({ phase: 'stopping' }, open)).toBeNull();
    expect(kind({ phase: 'preparing' }, open)).toBeNull();
  });

  test('also those of another generation: the entity knows which one it waits for', () => {
    expect(kind({ generation: 3 }, { operationOpen: true })).toBe('ready');
  });
});
