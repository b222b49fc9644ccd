import { projectPolicy } from '../http/authorize.ts';

/** Whoever belongs to the tenant may see what its claws use. */
export const usagePolicy = projectPolicy('Usage');
