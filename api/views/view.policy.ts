import { Action, everybody, type Policy } from '../http/authorize.ts';

const own = [Action.read, Action.create, Action.update, Action.remove];

/** Everybody keeps views of their own; nobody sees those of others. */
export const viewPolicy: Policy = { subject: 'SavedView', roles: everybody(own) };
