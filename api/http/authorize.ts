import { createMongoAbility, type MongoAbility, type RawRuleOf, subject as typed } from '@casl/ability';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type GrantRole, type PlatformRole, Role, Scope, TenantState } from './account.schema.ts';
import type { Actor } from './request-context.ts';

/** What may be done with a resource. `operate`: everything that changes how an instance runs. */
export const Action = { read: 'read', create: 'create', update: 'update', operate: 'operate', remove: 'remove', use: 'use' } as const;
export type Action = (typeof Action)[keyof typeof Action];

/** Rights on one kind of resource. Whoever or whatever is not named has no right. Subjects are written like `ApiKey`. */
export interface Policy {
  readonly subject: string;
  /** By role in the tenant. */
  readonly roles: Readonly<Partial<Record<Role, readonly Action[]>>>;
  /** By role in one project, for what hangs on it; see {@link Item}. */
  readonly grants?: Readonly<Partial<Record<GrantRole, readonly Action[]>>>;
  /** What a grant in any project gives on things that all projects share. */
  readonly anyGrant?: readonly Action[];
  /** What everybody may do with what is their own. */
  readonly own?: readonly Action[];
  /** By role on the platform, whatever the tenant and its state. */
  readonly platform?: Readonly<Partial<Record<PlatformRole, readonly Action[]>>>;
  /** What everybody may do wherever they are, also as a guest or where nothing may be changed: it is about themselves and no tenant. */
  readonly self?: readonly Action[];
}

/** What a route needs. */
export interface Right {
  readonly action: Action;
  readonly policy: Policy;
  /**
   * A route that names no single thing in its path but changes some looks itself at each of them with {@link authorizeItem}.
   * Without this word whoever has the right only in some projects is refused there.
   */
  readonly looksAtItems?: true;
}

/** Where a thing belongs, as far as rights hang on it. */
export interface Item {
  readonly projectId: string;
  /** Whose personal claw it is, or hangs on. */
  readonly ownerId: string | null;
}

/** Whom rules are made for. */
export type Caller = Pick<Actor, 'role' | 'scopes'> & Partial<Pick<Actor, 'userId' | 'grants' | 'platformRole' | 'tenantState' | 'visiting'>>;

type Ability = MongoAbility<[string, string | (Partial<Item> & { readonly __caslSubjectType__?: string })]>;
type Rule = RawRuleOf<Ability>;

/** Rules of a caller: rights of the role, of grants, of ownership and of the platform, cut down to the scopes of the key. The portal has the same. */
export function rulesOf(caller: Caller, policies: readonly Policy[]): Rule[] {
  const { role, scopes, userId, grants = [], platformRole = null, tenantState = TenantState.active, visiting = false } = caller;
  const onlyLooks = visiting || tenantState !== TenantState.active;
  const scopesHere = onlyLooks ? scopes.filter((scope) => scope === Scope.read) : scopes;
  return policies.flatMap(({ subject, roles, grants: byGrant = {}, anyGrant = [], own = [], platform = {}, self = [] }) => {
    const everywhere = [
      ...within(scopesHere, [...(roles[role] ?? []), ...(grants.length > 0 ? anyGrant : [])]),
      ...within(scopes, [...self, ...(platformRole ? (platform[platformRole] ?? []) : [])]),
    ];
    const beyond = (actions: readonly Action[]) => within(scopesHere, actions).filter((action) => !everywhere.includes(action));
    const granted = Object.entries(byGrant).flatMap(([grantRole, actions]) => {
      const projects = grants.filter((grant) => grant.role === grantRole).map(({ projectId }) => projectId);
      return projects.length > 0 ? rule(subject, beyond(actions), { projectId: { $in: projects } }) : [];
    });
    return [...rule(subject, [...new Set(everywhere)]), ...granted, ...(userId === undefined ? [] : rule(subject, beyond(own), { ownerId: userId }))];
  });
}

function within(scopes: readonly Scope[], actions: readonly Action[]): Action[] {
  return actions.filter((action) => scopes.includes(action === Action.read ? Scope.read : Scope.write));
}

function rule(subject: string, actions: readonly Action[], conditions?: Rule['conditions']): Rule[] {
  return actions.length > 0 ? [{ action: [...actions], subject: [subject], ...(conditions ? { conditions } : {}) }] : [];
}

export function abilityOf(caller: Caller, policies: readonly Policy[]): Ability {
  return createMongoAbility<Ability>(rulesOf(caller, policies));
}

/** Throws FORBIDDEN or TENANT_SUSPENDED unless the caller has the right, if only on some things. Answers whether they have it on all. */
export function authorize(actor: Actor, { action, policy }: Right): boolean {
  const rules = abilityOf(actor, [policy]).rulesFor(action, policy.subject);
  if (rules.length === 0) throw refusal(actor, action, policy);
  return rules.some(({ conditions }) => !conditions);
}

/** Throws FORBIDDEN or TENANT_SUSPENDED unless the caller has the right on this thing, which they may see. */
export function authorizeItem(actor: Actor, { action, policy }: Right, item: Item): void {
  if (!abilityOf(actor, [policy]).can(action, typed(policy.subject, { ...item }))) throw refusal(actor, action, policy);
}

function refusal(actor: Actor, action: Action, policy: Policy): Failure {
  const isChange = action !== Action.read;
  if (isChange && actor.visiting) return new Failure('FORBIDDEN', 'Whoever visits a tenant only looks.', { nextStep: 'Ask an owner to make you a member.' });
  if (isChange && actor.tenantState !== TenantState.active) return new Failure('TENANT_SUSPENDED');
  if (isChange && !actor.scopes.includes(Scope.write)) return new Failure('FORBIDDEN', 'This API key may only read.');
  return new Failure('FORBIDDEN', `The role ${actor.role} may not ${action} ${policy.subject}.`);
}

const everything = Object.values(Action);

/** The same for everybody who belongs to the tenant, whatever their role. */
export function everybody(actions: readonly Action[]): Policy['roles'] {
  return Object.fromEntries(Object.values(Role).map((role) => [role, actions]));
}

/** The usual rights: owners and admins everything, operators work with it, approvers and viewers look, members see nothing. */
export function usualPolicy(subject: string, operator: readonly Action[] = everything): Policy {
  return {
    subject,
    roles: {
      [Role.owner]: everything,
      [Role.admin]: everything,
      [Role.operator]: operator,
      [Role.approver]: [Action.read],
      [Role.viewer]: [Action.read],
    },
  };
}

/** The usual rights on what hangs on instances: grants give them in their project, and everybody runs what is their own. */
export function projectPolicy(subject: string): Policy {
  return {
    ...usualPolicy(subject),
    grants: { operator: everything, approver: [Action.read], viewer: [Action.read] },
    own: everything.filter((action) => action !== Action.create),
  };
}
