import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../workflows/contracts/instance.ts';
import { conditionViews } from './condition-view.ts';

const condition = (status: Condition['status']): Condition => ({
  type: 'GatewayReady',
  status,
  reason: 'X',
  message: 'It said so.',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('conditions as sentences', () => {
  it('say good news without the details', () => {
    expect(conditionViews([condition('True')], true)[0]).toMatchObject({ tone: 'success', sentenceKey: 'condition.GatewayReady.True', detail: null });
  });
  it('show what is wrong where the claw should be well', () => {
    expect(conditionViews([condition('False')], true)[0]).toMatchObject({ tone: 'error', detail: 'It said so.' });
  });
  it('do not cry error while the claw is on its way or stopped', () => {
    expect(conditionViews([condition('False')], false)[0]).toMatchObject({ tone: 'neutral', sentenceKey: 'condition.GatewayReady.False' });
  });
});
