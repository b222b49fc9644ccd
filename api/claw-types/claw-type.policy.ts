import { usualPolicy } from '../http/authorize.ts';

/** A manifest says which commands run on hosts, so only admins and owners register one. */
export const clawTypePolicy = usualPolicy('ClawType', ['read']);
