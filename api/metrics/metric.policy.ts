import { projectPolicy, usualPolicy } from '../http/authorize.ts';

/** Whoever may see claws may see what they use. */
export const metricPolicy = projectPolicy('Metric');

/** What hosts use is for those who see hosts. */
export const hostMetricPolicy = usualPolicy('HostMetric', ['read']);
