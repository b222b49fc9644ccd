import { Role } from '../http/account.schema.ts';
import { Action, everybody, type Policy } from '../http/authorize.ts';

const read = [Action.read];
const manage = [Action.read, Action.update, Action.remove];

/** Owners and admins look after who is here; nobody reaches above themselves. */
export const memberPolicy: Policy = {
  subject: 'Member',
  roles: { [Role.owner]: manage, [Role.admin]: manage, [Role.operator]: read, [Role.approver]: read },
  platform: { admin: manage, auditor: read },
};

/** Everybody may end their own membership; to end somebody else's takes {@link memberPolicy}. */
export const membershipPolicy: Policy = { subject: 'Membership', roles: everybody([Action.remove]), platform: { admin: [Action.remove] } };

const invite = [Action.read, Action.create, Action.update, Action.remove];

export const invitationPolicy: Policy = {
  subject: 'Invitation',
  roles: { [Role.owner]: invite, [Role.admin]: invite },
  platform: { admin: invite, auditor: read },
};
