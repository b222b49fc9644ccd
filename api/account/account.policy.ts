import { Action, type Policy } from '../http/authorize.ts';

/** Everybody looks after their own account, whatever they are in a tenant and whatever has become of it; see {@link ownSession} for what a key may not. */
export const accountPolicy: Policy = { subject: 'Account', roles: {}, self: [Action.read, Action.create, Action.update, Action.remove] };
