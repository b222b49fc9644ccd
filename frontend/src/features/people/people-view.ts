import type { InvitationState, Role } from '../../api/people.ts';
import type { Tone } from '../instances/status-view.ts';

/** Roles from the one that may most to the one that may least. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'operator', 'approver', 'member', 'viewer'];
/** What somebody may be in a single project, beside their role. */
export const GRANT_ROLES = ['operator', 'approver', 'viewer'] as const;
/** Roles that open no project by themselves or only for looking: grants add something to them. */
export const ROLES_WITH_GRANTS: readonly Role[] = ['approver', 'member', 'viewer'];

export const INVITATION_STATES: readonly InvitationState[] = ['pending', 'expired', 'accepted', 'revoked'];
export const INVITATION_TONES: Readonly<Record<InvitationState, Tone>> = { pending: 'info', expired: 'warning', accepted: 'success', revoked: 'neutral' };

/** Whoever asks: their role in the tenant, and whether they look after the platform. */
export interface Standing {
  readonly role: Role;
  readonly platformRole: 'admin' | 'auditor' | null;
}

/** The roles that somebody may give: all that are not above their own. The API decides; this only spares people refusals. */
export function rolesToGive({ role, platformRole }: Standing): readonly Role[] {
  if (platformRole === 'admin' || role === 'owner') return ROLES;
  return role === 'admin' ? ROLES.filter((one) => one !== 'owner') : [];
}

/** Whether somebody may change or remove a member of this role. */
export function mayManage(standing: Standing, role: Role): boolean {
  return rolesToGive(standing).includes(role);
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

interface Granted {
  readonly projectName: string;
  readonly role: Role;
}

/** Grants by their role, the strongest first, each with the names of its projects. */
export function grantsByRole(grants: readonly Granted[]): readonly { readonly role: Role; readonly projects: readonly string[] }[] {
  return ROLES.flatMap((role) => {
    const projects = grants.filter((grant) => grant.role === role).map(({ projectName }) => projectName);
    return projects.length > 0 ? [{ role, projects }] : [];
  });
}
