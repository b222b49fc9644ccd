import { Action, everybody, type Policy } from '../http/authorize.ts';

/** Everybody may let a program of theirs in; it may no more than they. */
export const devicePolicy: Policy = { subject: 'Device', roles: everybody([Action.read, Action.create]) };
