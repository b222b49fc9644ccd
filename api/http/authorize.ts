import { createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Role, Scope } from './account.schema.ts';
import type { Actor } from './request-context.ts';

/** What may be done with a resource. `operate`: everything that changes how an instance runs. */
export const Action = { read: 'read', create: 'create', update: 'update', operate: 'operate', remove: 'remove', use: 'use' } as const;
export type Action = (typeof Action)[keyof typeof Action];

/** Rights on one kind of resource by role. A role or an action that is not named has no right. */
export interface Policy {
  readonly subject: string;
  readonly roles: Readonly<Partial<Record<Role, readonly Action[]>>>;
}

/** What a route needs. */
export interface Right {
  readonly action: Action;
  readonly policy: Policy;
}

type Ability = MongoAbility<[string, string]>;

/** Rules of a caller: the rights of the role, cut down to the scopes of the key. */
export function rulesOf(actor: Pick<Actor, 'role' | 'scopes'>, policies: readonly Policy[]): RawRuleOf<Ability>[] {
  return policies.flatMap(({ subject, roles }) => {
    const actions = (roles[actor.role] ?? []).filter((action) => actor.scopes.includes(action === Action.read ? Scope.read : Scope.write));
    return actions.length > 0 ? [{ action: [...actions], subject: [subject] }] : [];
  });
}

export function abilityOf(actor: Pick<Actor, 'role' | 'scopes'>, policies: readonly Policy[]): Ability {
  return createMongoAbility<Ability>(rulesOf(actor, policies));
}

/** Throws FORBIDDEN unless the caller has the right. */
export function authorize(actor: Actor, { action, policy }: Right): void {
  if (abilityOf(actor, [policy]).can(action, policy.subject)) return;
  const reason =
    actor.scopes.includes(Scope.write) || action === Action.read
      ? `The role ${actor.role} may not ${action} ${policy.subject}.`
      : 'This API key may only read.';
  throw new Failure('FORBIDDEN', reason);
}

const everything = Object.values(Action);

/** The usual rights: owners and admins everything, operators work with it, viewers look. */
export function usualPolicy(subject: string, operator: readonly Action[] = everything): Policy {
  return { subject, roles: { [Role.owner]: everything, [Role.admin]: everything, [Role.operator]: operator, [Role.viewer]: [Action.read] } };
}
