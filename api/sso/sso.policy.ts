import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

const manage = [Action.read, Action.update, Action.remove];

/** Owners and admins decide how people come in. The platform may take away a domain that was claimed without right. */
export const ssoPolicy: Policy = {
  subject: 'Sso',
  roles: { [Role.owner]: manage, [Role.admin]: manage },
  platform: { admin: [Action.read, Action.remove], auditor: [Action.read] },
};
