import { Role } from '../http/account.schema.ts';
import { Action, type Policy, usualPolicy } from '../http/authorize.ts';

/** Whoever works here may see how the platform is. */
export const systemPolicy = usualPolicy('System', ['read']);

/** What leaves the platform for a supporter is for those who answer for it. */
export const supportBundlePolicy: Policy = { subject: 'SupportBundle', roles: { [Role.owner]: [Action.use], [Role.admin]: [Action.use] } };
