import { describe, expect, it } from 'vitest';
import { isAllowed } from './abilities.ts';

describe('what a person may do', () => {
  const rules = [
    { action: ['read', 'operate'], subject: ['Instance'] },
    { action: ['read'], subject: ['Provider'] },
    { action: ['update'], subject: ['Project'], conditions: { projectId: { $in: ['prj_a', 'prj_b'] } } },
    { action: ['use'], subject: ['Project'], conditions: { ownerId: 'usr_a' } },
  ];
  it('is what a rule names', () => expect(isAllowed(rules, 'operate', 'Instance')).toBe(true));
  it('is not what a rule names for something else', () => expect(isAllowed(rules, 'operate', 'Provider')).toBe(false));
  it('is nothing without rules', () => expect(isAllowed([], 'read', 'Instance')).toBe(false));
  it('is in a project what a rule names for that project', () => {
    const may = (projectId: string) => isAllowed(rules, 'update', 'Project', { projectId, ownerId: null });
    expect([may('prj_b'), may('prj_c')]).toEqual([true, false]);
    expect(isAllowed(rules, 'update', 'Project')).toBe(true);
  });
  it('is more with what is their own', () => {
    const may = (ownerId: string | null) => isAllowed(rules, 'use', 'Project', { projectId: 'prj_c', ownerId });
    expect([may('usr_a'), may('usr_b'), may(null)]).toEqual([true, false, false]);
  });
});
