import { describe, expect, it } from 'vitest';
import type { OperationStep, OperationView, StepName, StepState } from '../../../../workflows/contracts/operation.ts';
import { elapsedMs, operationStrip, operationToShow, secondsUntil } from './operation-view.ts';

function step(name: StepName, state: StepState, rest: Partial<OperationStep> = {}): OperationStep {
  return { name, state, attempt: 1, maxAttempts: 8, nextAttemptAt: null, startedAt: null, finishedAt: null, error: null, ...rest };
}

function operation(id: string, state: OperationView['state']): OperationView {
  return {
    id,
    state,
    seq: 1,
    kind: 'create',
    target: { kind: 'instance', id: 'ins_a', name: 'a' },
    requestedBy: 'usr_a',
    requestId: null,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    finishedAt: null,
    steps: [],
    error: null,
    allowed: [],
  };
}

const full = { code: 'VOLUME_UNAVAILABLE', message: 'The folder cannot be written.', nextStep: 'Repair it.' } as const;

describe('the operation strip', () => {
  it('stands on the step that waits for its next attempt and shows why', () => {
    const strip = operationStrip({
      state: 'retrying',
      error: null,
      steps: [
        step('reserve', 'succeeded'),
        step('apply-workload', 'retrying', { attempt: 3, error: full, nextAttemptAt: '2026-01-01T00:00:32Z' }),
        step('await-ready', 'pending'),
      ],
    });
    expect(strip).toMatchObject({ tone: 'warning', stepNumber: 2, stepCount: 3, doneCount: 1, error: full, nextAttemptAt: '2026-01-01T00:00:32Z' });
    expect(strip.current?.attempt).toBe(3);
  });

  it('stands on the first step before anything began', () => {
    const strip = operationStrip({ state: 'pending', error: null, steps: [step('reserve', 'pending'), step('release', 'pending')] });
    expect(strip).toMatchObject({ stepNumber: 1, doneCount: 0, ended: false });
  });

  it('counts skipped steps as done and has no current step after success', () => {
    const strip = operationStrip({ state: 'succeeded', error: null, steps: [step('reserve', 'succeeded'), step('probe-model', 'skipped')] });
    expect(strip).toMatchObject({ current: null, stepNumber: 2, doneCount: 2, ended: true });
  });

  it('prefers the error of the operation over that of a step', () => {
    const gaveUp = { code: 'GAVE_UP', message: 'Ada gave up.', nextStep: 'Start again.' } as const;
    expect(operationStrip({ state: 'failed', error: gaveUp, steps: [step('apply-workload', 'failed', { error: full })] }).error).toBe(gaveUp);
  });

  it('bears an operation whose steps are not planned yet', () => {
    expect(operationStrip({ state: 'pending', error: null, steps: [] })).toMatchObject({ current: null, stepNumber: 0, stepCount: 0 });
  });
});

describe('times', () => {
  it('counts down to zero and not below', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(secondsUntil('2026-01-01T00:00:31.200Z', now)).toBe(32);
    expect(secondsUntil('2025-12-31T23:59:00Z', now)).toBe(0);
  });

  it('measures until now while it runs and until its end afterwards', () => {
    const now = Date.parse('2026-01-01T00:01:00Z');
    expect(elapsedMs({ startedAt: '2026-01-01T00:00:00Z', finishedAt: null }, now)).toBe(60_000);
    expect(elapsedMs({ startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:05Z' }, now)).toBe(5_000);
    expect(elapsedMs({ startedAt: null, finishedAt: null }, now)).toBeNull();
  });
});

describe('which operation an instance page shows', () => {
  it('prefers the one that runs over a newer one that ended', () => {
    expect(operationToShow([operation('op_b', 'succeeded'), operation('op_a', 'running')])?.id).toBe('op_a');
  });

  it('keeps the newest failure in sight and hides successes', () => {
    expect(operationToShow([operation('op_b', 'failed'), operation('op_a', 'succeeded')])?.id).toBe('op_b');
    expect(operationToShow([operation('op_b', 'succeeded'), operation('op_a', 'failed')])).toBeNull();
    expect(operationToShow([])).toBeNull();
  });
});
