import { projectPolicy } from '../http/authorize.ts';

/** Operators run the fleet; approvers and viewers only look. */
export const instancePolicy = projectPolicy('Instance');
