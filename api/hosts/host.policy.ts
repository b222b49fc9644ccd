import { usualPolicy } from '../http/authorize.ts';

/** Operators see hosts; only admins and owners change them. */
export const hostPolicy = usualPolicy('Host', ['read']);
