import { Action, everybody, type Policy } from '../http/authorize.ts';

const look = [Action.read];

/** Everybody may see who they are. */
export const mePolicy: Policy = { subject: 'Me', roles: everybody(look) };
