import { Action, everybody, type Policy } from '../http/authorize.ts';

const own = [Action.read, Action.create, Action.update, Action.remove];

/** Everybody may have keys of their own; no key has more rights than its owner. */
export const apiKeyPolicy: Policy = { subject: 'ApiKey', roles: everybody(own) };
