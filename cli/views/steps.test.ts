import { expect, test } from 'vitest';
import { NOW, sampleOperation, sampleStep } from '../testing/samples.ts';
import { attemptText, progressLines } from './steps.ts';

const at = (second: number): string => new Date(NOW.getTime() - 60_000 + second * 1000).toISOString();
const FAILURE = { code: 'VOLUME_UNAVAILABLE', message: 'The folder of the claw cannot be written.', nextStep: 'Repair it.' } as const;

test('each step, attempt and the end are told once, in order', () => {
  const reserve = sampleStep('reserve', { state: 'succeeded', attempt: 1, startedAt: at(0), finishedAt: at(1) });
  const looks = [
    sampleOperation({
      steps: [sampleStep('reserve', { state: 'running', attempt: 1, startedAt: at(0) }), sampleStep('apply-workload'), sampleStep('probe-model')],
    }),
    sampleOperation({ steps: [reserve, sampleStep('apply-workload', { state: 'running', attempt: 1, startedAt: at(1) }), sampleStep('probe-model')] }),
    sampleOperation({
      state: 'retrying',
      steps: [
        reserve,
        sampleStep('apply-workload', { state: 'retrying', attempt: 1, startedAt: at(1), nextAttemptAt: at(92), error: FAILURE }),
        sampleStep('probe-model'),
      ],
    }),
    sampleOperation({
      state: 'retrying',
      steps: [
        reserve,
        sampleStep('apply-workload', { state: 'retrying', attempt: 1, startedAt: at(1), nextAttemptAt: at(92), error: FAILURE }),
        sampleStep('probe-model'),
      ],
    }),
    sampleOperation({
      steps: [reserve, sampleStep('apply-workload', { state: 'running', attempt: 2, startedAt: at(1), error: FAILURE }), sampleStep('probe-model')],
    }),
    sampleOperation({
      state: 'succeeded',
      finishedAt: at(49),
      steps: [
        reserve,
        sampleStep('apply-workload', { state: 'succeeded', attempt: 2, startedAt: at(1), finishedAt: at(49) }),
        sampleStep('probe-model', { state: 'skipped' }),
      ],
    }),
  ];
  const lines = looks.flatMap((look, index) => progressLines(looks[index - 1] ?? null, look, NOW));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "create sales-bot (op_01kah3v5c0q2m4x6z8ff)
      reserve: running
      reserve: done in 1s
      apply-workload: running
      apply-workload: attempt 1 of 8 failed: The folder of the claw cannot be written. (VOLUME_UNAVAILABLE); next try in 32s
      apply-workload: attempt 2 of 8
      apply-workload: done in 48s
      probe-model: skipped
    create sales-bot: succeeded in 49s"
  `);
});

test('a final failure of a step is told with its code and without a next try', () => {
  const failed = sampleOperation({
    state: 'failed',
    finishedAt: at(10),
    error: FAILURE,
    steps: [sampleStep('apply-workload', { state: 'failed', attempt: 8, startedAt: at(0), finishedAt: at(10), error: FAILURE })],
  });
  expect(progressLines(sampleOperation({ steps: [sampleStep('apply-workload', { state: 'running', attempt: 8 })] }), failed, NOW)).toEqual([
    '  apply-workload: attempt 8 of 8 failed: The folder of the claw cannot be written. (VOLUME_UNAVAILABLE)',
    'create sales-bot: failed in 10s',
  ]);
});

test('while an attempt is on, the error is told as that of the attempt before', () => {
  const step = sampleStep('await-ready', { state: 'running', attempt: 3, startedAt: at(0), error: FAILURE });
  expect(attemptText(step, NOW)).toBe('attempt 3 of 8; the one before failed: The folder of the claw cannot be written. (VOLUME_UNAVAILABLE)');
  expect(attemptText({ ...step, attempt: 1, error: null }, NOW)).toBe('');
});
