import { usualPolicy } from '../http/authorize.ts';

/** Whoever works here may see how the platform is. */
export const systemPolicy = usualPolicy('System', ['read']);
