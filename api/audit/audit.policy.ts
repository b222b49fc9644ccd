import { PlatformRole, Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

/** Who did what is for those who answer for the tenant, and for the auditors of the platform. */
export const auditPolicy: Policy = {
  subject: 'Audit',
  roles: { [Role.owner]: [Action.read], [Role.admin]: [Action.read] },
  platform: { [PlatformRole.admin]: [Action.read], [PlatformRole.auditor]: [Action.read] },
};
