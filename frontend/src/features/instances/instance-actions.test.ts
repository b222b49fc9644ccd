import { describe, expect, it } from 'vitest';
import { LEGAL_OPERATIONS, Phase } from '../../../../workflows/contracts/instance.ts';
import { ACTION_ICONS, offeredActions } from './instance-actions.ts';

describe('actions of an instance', () => {
  it('offers stop and restart to a running claw and start to a stopped one', () => {
    expect(offeredActions('Running').first).toEqual(['stop', 'restart']);
    expect(offeredActions('Stopped').first).toEqual(['start']);
  });

  it('puts what destroys last and offers nothing once it is gone', () => {
    expect(offeredActions('Running').dangerous).toEqual(['kill', 'destroy']);
    expect(offeredActions('Destroyed')).toEqual({ first: [], menu: [], dangerous: [] });
  });

  it('offers every legal operation of every phase exactly once', () => {
    for (const phase of Object.values(Phase)) {
      const { first, menu, dangerous } = offeredActions(phase);
      expect([...first, ...menu, ...dangerous].sort()).toEqual([...LEGAL_OPERATIONS[phase]].sort());
    }
  });

  it('has an icon for each', () => {
    expect(Object.values(ACTION_ICONS).every((icon) => icon.startsWith('i-lucide-'))).toBe(true);
  });
});
