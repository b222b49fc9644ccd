import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

const look = [Action.read];

/** Whoever works here may see how the platform is; what changes it for every tenant is for those who look after it. */
export const systemPolicy: Policy = {
  subject: 'System',
  roles: { owner: look, admin: look, operator: look, approver: look, viewer: look },
  platform: { admin: [Action.read, Action.update], auditor: look },
};

/** What leaves the platform for a supporter is for those who answer for it. */
export const supportBundlePolicy: Policy = { subject: 'SupportBundle', roles: { [Role.owner]: [Action.use], [Role.admin]: [Action.use] } };
