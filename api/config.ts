import { z } from 'zod';
import { commonEnv, mailEnv, parseConfig } from '../activities/platform/config.ts';
import { metricsEnv } from '../activities/platform/metrics/metrics-env.ts';
import { Limits } from '../workflows/contracts/limits.ts';

/** Everything the API reads from its environment. */
export const apiEnv = z.object({
  ...commonEnv,
  ...metricsEnv,
  ...mailEnv,
  /** Address and port to listen on. */
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: z.coerce.number().int().min(0).max(65_535).default(4310),
  /** Where people reach the portal; its origin is the only one a browser may send cookies from. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, '')),
  /** Where new passwords are looked for among stolen ones, e.g. https://api.pwnedpasswords.com/range; without it (or empty) nowhere. */
  PASSWORD_RANGE_URL: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).optional(),
  /** Below which domain the pages of claws are, e.g. `https://claws.example.com` for `https://<slug>.claws.example.com`. Empty = not set. */
  CLAWS_URL: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).optional(),
  /** By which an entry in front of this one, such as Traefik, shows that it is that; without it there is none. Empty = not set. */
  ENTRY_TOKEN: z.union([z.literal(''), z.string().min(32)]).optional(),
  /** Proxies in front, whose word on the address of a client counts: addresses, subnets, or `loopback`, `linklocal`, `uniquelocal`. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== '')),
  /** Requests a minute that one process takes, 0 = any number: from one address; of strangers from one address; of a tenant, looking and changing. */
  RATE_LIMIT_ADDRESS: z.coerce.number().int().min(0).default(120_000),
  RATE_LIMIT_STRANGER: z.coerce.number().int().min(0).default(3000),
  RATE_LIMIT_READ: z.coerce.number().int().min(0).default(60_000),
  RATE_LIMIT_WRITE: z.coerce.number().int().min(0).default(12_000),
  /** Signs session cookies. */
  AUTH_SECRET: z.string().min(32),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
  S3_ACCESS_KEY: z.string().min(1),
  S3_SECRET_KEY: z.string().min(1),
  S3_BUCKET: z.string().min(3).max(63),
  /** Days that events are kept after they last happened. */
  EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  /** Days that entries of the audit are kept; what is older is cut off the chain. */
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(Limits.auditKeepDaysMin).max(Limits.auditKeepDaysMax).default(730),
  /** Days that archived pieces of logs of claws are kept, and packed bytes per instance. */
  LOG_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  LOG_RETENTION_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(2 ** 30),
  /** Data folder of the local platform; the ends of the logs in it go into a support bundle. */
  CLAWLOOPS_DATA_DIR: z.string().optional(),
  /** Address of the workflow engine's own page, for links to it. */
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Folder of the built portal; without it the API serves no pages. */
  PORTAL_DIST: z.string().optional(),
});

export type ApiConfig = Readonly<z.infer<typeof apiEnv>>;

/** Throws ConfigError with every problem at once. */
export function readApiConfig(env: NodeJS.ProcessEnv): ApiConfig {
  return parseConfig('The API', apiEnv, env);
}
