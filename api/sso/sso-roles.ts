import type { SsoRole } from './sso.schema.ts';

/** What a connection says of roles. */
export interface RoleRules {
  readonly groupsClaim: string | null;
  readonly groupRoles: readonly { readonly group: string; readonly role: SsoRole }[];
  readonly defaultRole: SsoRole | null;
}

const STRONGEST_FIRST: readonly SsoRole[] = ['admin', 'operator', 'approver', 'viewer', 'member'];

/** Whether groups decide what somebody is, at every sign-in. Otherwise people here do, once somebody has come in. */
export function groupsDecide({ groupsClaim, groupRoles }: RoleRules): boolean {
  return groupsClaim !== null && groupRoles.length > 0;
}

/** The role of somebody in these groups; null: they do not come in. */
export function roleOf(rules: RoleRules, groups: readonly string[]): SsoRole | null {
  if (!groupsDecide(rules)) return rules.defaultRole;
  const roles = rules.groupRoles.filter(({ group }) => groups.includes(group)).map(({ role }) => role);
  return STRONGEST_FIRST.find((role) => roles.includes(role)) ?? rules.defaultRole;
}

/** Groups in a claim, which providers write as a list or as one name. */
export function groupsIn(claim: unknown): string[] {
  return [claim].flat().filter((one): one is string => typeof one === 'string');
}
