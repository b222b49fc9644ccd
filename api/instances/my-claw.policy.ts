import { Action, everybody, type Policy } from '../http/authorize.ts';

/** Everybody in a tenant may have a claw of their own, if the plan of the tenant includes it. What one may do with it: the policy of instances. */
export const myClawPolicy: Policy = { subject: 'MyClaw', roles: everybody([Action.read, Action.create]) };
