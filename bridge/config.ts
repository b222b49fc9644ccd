import { z } from 'zod';

const schema = z.object({
  /** Base URL of the API, e.g. `https://clawloops.example`; the bridge dials out, nothing dials in. */
  BRIDGE_API_URL: z.url(),
  /** File that holds the host token and nothing else, mode 0600. */
  BRIDGE_TOKEN_FILE: z.string().min(1),
  /** Desired set, claw folders and logs. */
  BRIDGE_DATA_DIR: z.string().min(1),
  /** Installed claw versions, shared by every bridge of this machine. */
  BRIDGE_RUNTIMES_DIR: z.string().min(1),
  /** How often claws and the machine are measured, in seconds; 0 = never. At most 60, so that no minute is without a sample. */
  BRIDGE_METRICS_SECONDS: z.coerce.number().int().min(0).max(60).default(10),
  /** A log of a claw is rotated, and its piece archived, when it has this many bytes or when what is in it is this old and not empty. */
  BRIDGE_LOG_ROTATE_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(10 * 2 ** 20),
  BRIDGE_LOG_ROTATE_SECONDS: z.coerce.number().int().min(1).default(3600),
  /** Pieces of logs that wait for the archive take at most so many bytes; beyond that the oldest are given up. */
  BRIDGE_LOG_WAITING_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(2 ** 30),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export interface BridgeConfig {
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly dataDir: string;
  readonly runtimesDir: string;
  readonly metricsSeconds: number;
  readonly logRotateBytes: number;
  readonly logRotateSeconds: number;
  readonly logWaitingBytes: number;
  readonly logLevel: string;
}

/** Reads the environment; throws one error that lists every problem. */
export function parseBridgeConfig(env: NodeJS.ProcessEnv): BridgeConfig {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the bridge cannot start with this environment:\n${problems.join('\n')}`);
  }
  const { data } = parsed;
  return {
    apiUrl: data.BRIDGE_API_URL.replace(/\/+$/, ''),
    tokenFile: data.BRIDGE_TOKEN_FILE,
    dataDir: data.BRIDGE_DATA_DIR,
    runtimesDir: data.BRIDGE_RUNTIMES_DIR,
    metricsSeconds: data.BRIDGE_METRICS_SECONDS,
    logRotateBytes: data.BRIDGE_LOG_ROTATE_BYTES,
    logRotateSeconds: data.BRIDGE_LOG_ROTATE_SECONDS,
    logWaitingBytes: data.BRIDGE_LOG_WAITING_BYTES,
    logLevel: data.LOG_LEVEL,
  };
}
