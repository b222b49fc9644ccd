import { Role } from '../http/account.schema.ts';
import { Action, type Policy } from '../http/authorize.ts';

/** Everybody who has an account, whatever tenants they belong to: the platform's matter alone. */
export const personPolicy: Policy = {
  subject: 'Person',
  roles: {},
  platform: { admin: [Action.read, Action.update], auditor: [Action.read] },
};

/** Whether somebody may work in the tenant; nobody reaches above themselves. */
export const suspensionPolicy: Policy = {
  subject: 'Suspension',
  roles: { [Role.owner]: [Action.update], [Role.admin]: [Action.update] },
  platform: { admin: [Action.update] },
};
