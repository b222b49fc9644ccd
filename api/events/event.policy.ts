import { Role } from '../http/account.schema.ts';
import { Action, type Policy, usualPolicy } from '../http/authorize.ts';

/** Whoever belongs to the tenant may read what happened in it. */
export const eventPolicy = usualPolicy('Event');

/** Who signed in and which keys there are is for those who look after the tenant. */
export const accountEventPolicy: Policy = { subject: 'AccountEvent', roles: { [Role.owner]: [Action.read], [Role.admin]: [Action.read] } };
