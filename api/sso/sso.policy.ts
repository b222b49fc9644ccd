import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

/**
 * Owners decide who says who somebody is: whoever does that can come in as anybody, and no admin is to become an owner. Admins look and try.
 * The platform may take away a domain that was claimed without right.
 */
export const ssoPolicy: Policy = {
  subject: 'Sso',
  roles: { [Role.owner]: [Action.read, Action.use, Action.update, Action.remove], [Role.admin]: [Action.read, Action.use] },
  platform: { admin: [Action.read, Action.remove], auditor: [Action.read] },
};
