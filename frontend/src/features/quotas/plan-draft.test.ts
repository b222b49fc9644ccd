import { describe, expect, it } from 'vitest';
import { planDraft, planFaults, planOf } from './plan-draft.ts';

const team = { name: 'team', limits: { instances: 25, cpu: '8', memory: '32Gi', storage: null }, seats: 10, entitlements: ['audit-export' as const] };

describe('a plan that is typed', () => {
  it('comes back as it was when nothing is changed', () => {
    expect(planOf(planDraft(team))).toEqual(team);
    expect(planOf(planDraft({ ...team, seats: null, entitlements: null }))).toEqual({ ...team, seats: null, entitlements: null });
  });

  it('limits nothing and includes everything while nothing is typed', () => {
    const none = { instances: null, cpu: null, memory: null, storage: null };
    expect(planOf({ ...planDraft(null), name: ' Basic ' })).toEqual({ name: 'basic', limits: none, seats: null, entitlements: null });
  });

  it('lists what it includes in one order, and forgets it when it includes everything', () => {
    const draft = { ...planDraft(team), entitlements: ['usage-export' as const, 'sso' as const] };
    expect(planOf(draft).entitlements).toEqual(['sso', 'usage-export']);
    expect(planOf({ ...draft, everything: true }).entitlements).toBeNull();
  });

  it('is told what would be refused', () => {
    expect(planFaults(planDraft(team), [])).toEqual([]);
    expect(planFaults(planDraft(null), [])).toEqual(['name']);
    expect(planFaults(planDraft(team), ['team'])).toEqual(['taken']);
    expect(planFaults({ ...planDraft(team), name: 'unlimited' }, [])).toEqual(['taken']);
    for (const seats of ['0', '-1', 'ten', '1.5', '1000001']) expect(planFaults({ ...planDraft(team), seats }, [])).toEqual(['seats']);
    expect(planFaults({ ...planDraft(team), limits: { instances: '', cpu: 'lots', memory: '', storage: '' } }, [])).toEqual(['limits']);
  });
});
