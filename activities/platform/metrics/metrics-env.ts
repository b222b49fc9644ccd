import { z } from 'zod';

/** Where a process shows its numbers to Prometheus: a listener of its own, never the public one. */
export const metricsEnv = {
  /** Address of that listener: loopback, or that of a network which only operators reach. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Port of that listener; without it there is none. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
} as const;
