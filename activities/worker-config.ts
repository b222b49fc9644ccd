import { z } from 'zod';
import { commonEnv, mailEnv } from './platform/config.ts';
import { metricsEnv } from './platform/metrics/metrics-env.ts';

/** Environment of the worker process. */
export const workerEnv = z.object({
  ...commonEnv,
  ...metricsEnv,
  /** Port, on the address of the metrics, where the SDK of the workflow engine shows its own; without it there is none. */
  TEMPORAL_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  /** How this process and the claws on the hosts reach the API, without a trailing slash. */
  API_URL: z.url().transform((url) => url.replace(/\/$/, '')),
  /** Where people reach the portal, for links in mail; without it the address of the API. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/$/, ''))
    .optional(),
  /** Mail server, `smtp://` or `smtps://` with user and password if it asks for them; without it (or empty) mail waits. */
  SMTP_URL: z.union([z.literal(''), z.url({ protocol: /^smtps?$/ })]).optional(),
  ...mailEnv,
  /** Prebuilt bundle of the workflows; without it the worker bundles them when it starts. */
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
  /** Port on loopback where GET /readyz answers 200 once the worker polls; without it there is none. */
  WORKER_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});
export type WorkerConfig = Readonly<z.infer<typeof workerEnv>>;
