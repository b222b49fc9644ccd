import { Role } from '../http/account.schema.ts';
import { Action, type Policy, projectPolicy } from '../http/authorize.ts';

/** Whoever may see something may read what happened to it. */
export const eventPolicy = projectPolicy('Event');

/** Who signed in and which keys there are is for those who look after the tenant. */
export const accountEventPolicy: Policy = { subject: 'AccountEvent', roles: { [Role.owner]: [Action.read], [Role.admin]: [Action.read] } };
