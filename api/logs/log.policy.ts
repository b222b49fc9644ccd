import { projectPolicy } from '../http/authorize.ts';

/** Whoever may look at the instances of a tenant may read what they printed. */
export const logPolicy = projectPolicy('Log');
