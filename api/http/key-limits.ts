import { GrantRole, type ProjectGrant, Role } from './account.schema.ts';
import type { Actor } from './request-context.ts';

/** What a key may at most, beside its scopes; null = whatever its owner may. */
export interface KeyLimits {
  readonly role: Role | null;
  readonly projectIds: readonly string[] | null;
}

const CHAIN: readonly Role[] = [Role.owner, Role.admin, Role.operator, Role.viewer, Role.member];

/** A role that may nothing which either of the two may not. */
export function weakerRole(a: Role, b: Role): Role {
  if (a === b) return a;
  if (a === Role.approver || b === Role.approver) {
    const other = a === Role.approver ? b : a;
    if (other === Role.owner || other === Role.admin) return Role.approver;
    return other === Role.member ? Role.member : Role.viewer;
  }
  return CHAIN[Math.max(CHAIN.indexOf(a), CHAIN.indexOf(b))] ?? Role.member;
}

/** The caller as the key lets them be: the weaker of key and owner. In single projects a role is what a grant of it would be. */
export function limitedTo(
  owner: Pick<Actor, 'role' | 'grants' | 'platformRole'>,
  { role, projectIds }: KeyLimits,
): Pick<Actor, 'role' | 'grants' | 'platformRole'> {
  if (role === null && projectIds === null) return owner;
  const here = role === null ? owner.role : weakerRole(owner.role, role);
  const grants = owner.grants.flatMap((grant) => grantOf(grant.projectId, role === null ? grant.role : weakerRole(grant.role, role)));
  if (projectIds === null) return { role: here, grants, platformRole: null };
  const everywhere = projectIds.flatMap((projectId) => grantOf(projectId, here));
  const granted = grants.filter(({ projectId }) => projectIds.includes(projectId) && !everywhere.some((grant) => grant.projectId === projectId));
  return { role: Role.member, grants: [...everywhere, ...granted], platformRole: null };
}

function grantOf(projectId: string, role: Role): ProjectGrant[] {
  if (role === Role.owner || role === Role.admin || role === Role.operator) return [{ projectId, role: GrantRole.operator }];
  if (role === Role.approver) return [{ projectId, role: GrantRole.approver }];
  return role === Role.viewer ? [{ projectId, role: GrantRole.viewer }] : [];
}

/** Whether a key of the second limits may nothing that one of the first may not. */
export function covers(outer: KeyLimits, inner: KeyLimits): boolean {
  const role = outer.role === null || (inner.role !== null && weakerRole(outer.role, inner.role) === inner.role);
  return role && (outer.projectIds === null || inner.projectIds?.every((id) => outer.projectIds?.includes(id)) === true);
}
