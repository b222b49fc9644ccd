import { z } from 'zod';
import { metricsKeep } from './metrics-keep.ts';

/** A problem with the environment: every bad variable at once, one line each. */
export class ConfigError extends Error {
  constructor(process: string, problems: readonly string[]) {
    super(`${process} cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Parses the environment once; the result is frozen. Throws ConfigError with one line per bad variable. Values are never printed. */
export function parseConfig<S extends z.ZodObject>(process: string, schema: S, env: NodeJS.ProcessEnv): Readonly<z.infer<S>> {
  const result = schema.safeParse(env);
  if (result.success) return Object.freeze(result.data);
  throw new ConfigError(
    process,
    result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  );
}

/** Variables that more than one process reads. */
export const commonEnv = {
  /** Connection string of the role clawloops_app. */
  DATABASE_URL: z.string().min(1),
  /** Connection string of the role clawloops_system (relay and observers). */
  DATABASE_URL_SYSTEM: z.string().min(1),
  /** Host and port of the Temporal frontend. */
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** JSON file with the key-encryption keys, `{ current, keys: { <kid>: <base64 of 32 bytes> } }`, mode 0600. */
  CLAWLOOPS_KEY_FILE: z.string().min(1),
  LITELLM_URL: z.url().default('http://127.0.0.1:4000'),
  LITELLM_MASTER_KEY: z.string().min(1),
  /** Shared by worker and API for the internal routes. */
  SERVICE_TOKEN: z.string().min(32),
  /** How long each level of metrics is kept, e.g. `raw=24h,5m=30d`; see docs/operate.md. */
  METRICS_KEEP: metricsKeep,
  /** Addresses of one's own network where model providers may be all the same: names, addresses, subnets such as `10.0.0.0/8`. */
  OUTBOUND_ALLOW: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== '')),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
} as const;

/** Sender of all mail, e.g. `ClawLoops <claws@example.com>`; without it the product sends none and says so. Empty = not set. */
export const mailEnv = {
  MAIL_FROM: z
    .string()
    .regex(/^$|^[^\s@<>]+@[^\s@<>]+$|^[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>$/, 'must be an address such as claws@example.com or ClawLoops <claws@example.com>')
    .optional(),
} as const;
