import { Action, type Policy } from '../http/authorize.ts';

const look = [Action.read];

/** Everybody may see who they are. */
export const mePolicy: Policy = { subject: 'Me', roles: { owner: look, admin: look, operator: look, viewer: look } };
