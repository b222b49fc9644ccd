import { Action, type Policy, usualPolicy } from '../http/authorize.ts';

const everything = Object.values(Action);

/** Templates: operators make and change them, whoever works in a project chooses among them. */
export const templatePolicy: Policy = { ...usualPolicy('Config'), anyGrant: [Action.read] };

/** What applies to every claw of a tenant or a project is the matter of its owners and admins. */
export const levelPolicy: Policy = { subject: 'ConfigLevel', roles: { owner: everything, admin: everything } };

/** What applies to every claw of the platform is the matter of those who look after it. */
export const globalConfigPolicy: Policy = { subject: 'GlobalConfig', roles: {}, platform: { admin: everything } };

/** Whoever may do it with a config of any level; which of the three policies counts is known once the level is. */
export const configPolicy: Policy = { ...templatePolicy, platform: { admin: everything } };
