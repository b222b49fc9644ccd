import { describe, expect, it } from 'vitest';
import { Phase } from '../../../../workflows/contracts/instance.ts';
import { statusView } from './status-view.ts';

const idle = { ready: true, operation: null };

describe('the status badge', () => {
  it.each([
    ['Running', 'success', false],
    ['Stopped', 'neutral', false],
    ['Failed', 'error', false],
    ['Creating', 'info', true],
    ['Destroying', 'info', true],
    ['Destroyed', 'neutral', false],
  ] as const)('shows %s as %s', (phase, tone, changing) => {
    expect(statusView({ phase, ...idle })).toEqual({ tone, labelKey: `phase.${phase}`, changing });
  });

  it('knows every phase of the contract', () => {
    for (const phase of Object.values(Phase)) expect(statusView({ phase, ...idle }).tone).toBeTypeOf('string');
  });

  it('shows a running claw that does not answer as degraded, not as well', () => {
    expect(statusView({ phase: 'Running', ready: false, operation: null })).toMatchObject({ tone: 'warning', labelKey: 'phase.NotReady' });
  });

  it('warns when the change waits for its next attempt', () => {
    const operation = { id: 'op_a', kind: 'create', state: 'retrying' } as const;
    expect(statusView({ phase: 'Creating', ready: false, operation }).tone).toBe('warning');
  });
});
