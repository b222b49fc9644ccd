import { type Policy, usualPolicy } from '../http/authorize.ts';

/** A manifest says which commands run on hosts, so only admins and owners register one; whoever may work in a project chooses among them. */
export const clawTypePolicy: Policy = { ...usualPolicy('ClawType', ['read']), anyGrant: ['read'] };
