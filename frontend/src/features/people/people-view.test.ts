import { describe, expect, it } from 'vitest';
import { grantsByRole, initials, mayManage, ROLES, rolesToGive } from './people-view.ts';

describe('roles that somebody may give', () => {
  it('are all for owners and for whoever looks after the platform', () => {
    expect(rolesToGive({ role: 'owner', platformRole: null })).toEqual(ROLES);
    expect(rolesToGive({ role: 'viewer', platformRole: 'admin' })).toEqual(ROLES);
  });
  it('end below owner for admins, who cannot change an owner either', () => {
    expect(rolesToGive({ role: 'admin', platformRole: null })).not.toContain('owner');
    expect(mayManage({ role: 'admin', platformRole: null }, 'owner')).toBe(false);
    expect(mayManage({ role: 'admin', platformRole: null }, 'admin')).toBe(true);
  });
  it('are none for everybody else', () => {
    for (const role of ['operator', 'approver', 'member', 'viewer'] as const) expect(rolesToGive({ role, platformRole: 'auditor' })).toEqual([]);
  });
});

describe('a person in a list', () => {
  it('is known by one or two letters, in any script', () => {
    expect(['Ada Lovelace', 'ada', '  Jean  Luc  Picard ', '王小明', ''].map(initials)).toEqual(['AL', 'A', 'JP', '王', '']);
  });
  it('has their grants together by role, the strongest first', () => {
    const grants = [
      { projectName: 'sales', role: 'viewer' },
      { projectName: 'research', role: 'operator' },
      { projectName: 'support', role: 'viewer' },
    ] as const;
    expect(grantsByRole(grants)).toEqual([
      { role: 'operator', projects: ['research'] },
      { role: 'viewer', projects: ['sales', 'support'] },
    ]);
  });
});
