import { projectPolicy } from '../http/authorize.ts';

/** Whoever may run instances may also steer what runs on them. */
export const operationPolicy = projectPolicy('Operation');
