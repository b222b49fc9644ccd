import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Role } from './account.schema.ts';
import { Action, projectPolicy, rulesOf, usualPolicy } from './authorize.ts';
import { covers, limitedTo, weakerRole } from './key-limits.ts';

const roles = Object.values(Role);
const role = fc.constantFrom(...roles);

/** Everything that the usual rules let a role do. */
function rights(of: Role): Set<string> {
  const rules = rulesOf({ role: of, scopes: ['read', 'write'] }, [usualPolicy('A'), projectPolicy('B'), usualPolicy('C', [Action.read])]);
  return new Set(rules.flatMap(({ action, subject }) => [action].flat().map((one) => `${one} ${String(subject)}`)));
}

test('the weaker of two roles may nothing that one of them may not, whichever comes first', () => {
  fc.assert(
    fc.property(role, role, (a, b) => {
      const weaker = weakerRole(a, b);
      expect(weaker).toBe(weakerRole(b, a));
      for (const right of rights(weaker)) expect([rights(a).has(right), rights(b).has(right)]).toEqual([true, true]);
    }),
  );
});

test('a key without limits is its owner', () => {
  const owner = { role: Role.admin, grants: [], platformRole: 'admin' } as const;
  expect(limitedTo(owner, { role: null, projectIds: null })).toBe(owner);
});

test('a key of single projects sees these only, and is nobody of the platform', () => {
  const owner = { role: Role.admin, grants: [], platformRole: 'admin' } as const;
  expect(limitedTo(owner, { role: null, projectIds: ['prj_a'] })).toEqual({
    role: 'member',
    grants: [{ projectId: 'prj_a', role: 'operator' }],
    platformRole: null,
  });
  expect(limitedTo(owner, { role: Role.viewer, projectIds: ['prj_a'] }).grants).toEqual([{ projectId: 'prj_a', role: 'viewer' }]);
});

test('a key opens no project that its owner cannot enter', () => {
  const owner = { role: Role.member, grants: [{ projectId: 'prj_a', role: 'viewer' }], platformRole: null } as const;
  expect(limitedTo(owner, { role: Role.operator, projectIds: ['prj_a', 'prj_b'] })).toEqual({
    role: 'member',
    grants: [{ projectId: 'prj_a', role: 'viewer' }],
    platformRole: null,
  });
});

test('a limited key makes no key that may more', () => {
  const outer = { role: Role.operator, projectIds: ['prj_a', 'prj_b'] } as const;
  expect(covers(outer, { role: Role.viewer, projectIds: ['prj_a'] })).toBe(true);
  for (const inner of [
    { role: Role.admin, projectIds: ['prj_a'] },
    { role: null, projectIds: ['prj_a'] },
    { role: Role.viewer, projectIds: null },
    { role: Role.viewer, projectIds: ['prj_c'] },
  ])
    expect(covers(outer, inner), JSON.stringify(inner)).toBe(false);
});
