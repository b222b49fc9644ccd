import { Action, type Policy } from '../http/authorize.ts';

const look = [Action.read];
const manage = [Action.read, Action.update];

/** Whoever works here may see how much is left; owners and admins share out among the projects what the tenant has. */
export const quotaPolicy: Policy = {
  subject: 'Quota',
  roles: { owner: manage, admin: manage, operator: look, approver: look, viewer: look },
  anyGrant: look,
  platform: { admin: look, auditor: look },
};

/** What a tenant as a whole may have is for those who look after the platform. */
export const tenantLimitPolicy: Policy = { subject: 'TenantLimit', roles: {}, platform: { admin: manage, auditor: look } };
