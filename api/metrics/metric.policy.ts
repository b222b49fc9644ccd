import { projectPolicy } from '../http/authorize.ts';

/** Whoever belongs to the tenant may see what its claws and hosts use. */
export const metricPolicy = projectPolicy('Metric');
