import { usualPolicy } from '../http/authorize.ts';

/** Operators run the fleet; viewers only look. */
export const instancePolicy = usualPolicy('Instance');
