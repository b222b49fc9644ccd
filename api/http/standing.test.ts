import { expect, it } from 'vitest';
import { Role } from './account.schema.ts';
import { assertReaches, reaches } from './standing.ts';

const reached = (own: Role) => Object.values(Role).filter((other) => reaches(own, other));

it('owners give every role, admins every one but owner, and nobody else gives any', () => {
  expect(reached(Role.owner)).toEqual(Object.values(Role));
  expect(reached(Role.admin)).toEqual(Object.values(Role).filter((role) => role !== Role.owner));
  for (const role of Object.values(Role).filter((one) => one !== Role.owner && one !== Role.admin)) expect(reached(role), role).toEqual([]);
});

it('refuses what is above the caller, and lets whoever looks after the platform give any role', () => {
  expect(() => assertReaches({ role: Role.admin, platformRole: null }, Role.owner)).toThrow('may neither make somebody owner');
  expect(() => assertReaches({ role: Role.admin, platformRole: 'auditor' }, Role.owner)).toThrow('may neither make somebody owner');
  expect(() => assertReaches({ role: Role.owner, platformRole: null }, Role.owner)).not.toThrow();
  expect(() => assertReaches({ role: Role.member, platformRole: 'admin' }, Role.owner)).not.toThrow();
});
