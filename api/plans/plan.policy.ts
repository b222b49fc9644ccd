import { Action, type Policy } from '../http/authorize.ts';

const look = [Action.read];
const manage = [Action.read, Action.update];

/** Whoever works here may see the plan; who looks after the platform decides it. */
export const planPolicy: Policy = {
  subject: 'Plan',
  roles: { owner: look, admin: look, operator: look, approver: look, viewer: look },
  platform: { admin: manage, auditor: look },
};

/** What an invoice is made from is the matter of owners and admins. */
export const usageExportPolicy: Policy = { subject: 'UsageExport', roles: { owner: look, admin: look }, platform: { admin: look, auditor: look } };
