import { Role } from '../http/account.schema.ts';
import { Action, everybody, type Policy } from '../http/authorize.ts';

const look = [Action.read];

/** Everybody sees the tenants that they belong to; owners may rename and delete theirs. What the platform may do is another policy. */
export const tenantPolicy: Policy = {
  subject: 'Tenant',
  roles: { ...everybody(look), [Role.owner]: [Action.read, Action.update, Action.remove], [Role.admin]: [Action.read, Action.update] },
  platform: { admin: [Action.read, Action.update, Action.remove], auditor: look },
};

/** All tenants, whoever they belong to, and who looks after the platform. */
export const platformPolicy: Policy = {
  subject: 'Platform',
  roles: {},
  platform: { admin: [Action.read, Action.create, Action.update, Action.remove], auditor: look },
};
