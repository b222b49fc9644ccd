import { Failure } from '../../workflows/contracts/failures.ts';
import { Role } from './account.schema.ts';
import type { Actor } from './request-context.ts';

/** Roles that say what others are; every other role says nothing about anybody. */
const RANKS: Readonly<Partial<Record<Role, number>>> = { [Role.owner]: 2, [Role.admin]: 1 };

/** Whether somebody of the first role may give the second, and change those who have it: nobody reaches above themselves. */
export function reaches(own: Role, other: Role): boolean {
  const rank = RANKS[own];
  return rank !== undefined && rank >= (RANKS[other] ?? 0);
}

/** Throws FORBIDDEN when the role is above the caller's own. Whoever looks after the platform may give any. */
export function assertReaches({ role, platformRole }: Pick<Actor, 'role' | 'platformRole'>, other: Role): void {
  if (platformRole === 'admin' || reaches(role, other)) return;
  throw new Failure('FORBIDDEN', `The role ${role} may neither make somebody ${other} nor change somebody who is.`, {
    nextStep: 'Ask an owner of the tenant.',
  });
}
