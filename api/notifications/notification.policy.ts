import { Action, everybody, type Policy } from '../http/authorize.ts';

/** Everybody reads what is meant for them and chooses how it reaches them; nobody sees what is meant for others. */
export const notificationPolicy: Policy = { subject: 'Notification', roles: everybody([Action.read, Action.update]) };
