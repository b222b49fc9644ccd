import { expect, test } from 'vitest';
import { groupsDecide, groupsIn, type RoleRules, roleOf } from './sso-roles.ts';

const rules: RoleRules = {
  groupsClaim: 'groups',
  groupRoles: [
    { group: 'everybody', role: 'viewer' },
    { group: 'sre', role: 'operator' },
    { group: 'it', role: 'admin' },
  ],
  defaultRole: 'member',
};

test('of several groups the strongest role counts, in whatever order they come', () => {
  expect(roleOf(rules, ['everybody', 'sre'])).toBe('operator');
  expect(roleOf(rules, ['it', 'sre', 'everybody'])).toBe('admin');
});

test('whoever is in none of the groups has the default role, or does not come in without one', () => {
  expect(roleOf(rules, ['others'])).toBe('member');
  expect(roleOf({ ...rules, defaultRole: null }, ['others'])).toBeNull();
});

test('without a claim or without groups that have roles, groups decide nothing', () => {
  expect(groupsDecide(rules)).toBe(true);
  for (const none of [
    { ...rules, groupsClaim: null },
    { ...rules, groupRoles: [] },
  ]) {
    expect(groupsDecide(none)).toBe(false);
    expect(roleOf(none, ['it'])).toBe('member');
  }
});

test('a claim of groups may be a list, one name, or anything else', () => {
  expect([groupsIn(['a', 1, 'b']), groupsIn('a'), groupsIn({ a: 1 }), groupsIn(undefined)]).toEqual([['a', 'b'], ['a'], [], []]);
});
