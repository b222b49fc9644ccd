import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** Paths that never reach a log line, whatever object they arrive in. */
const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'apiKey',
  'credential',
  'secretEnv',
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.token',
  '*.secret',
  '*.apiKey',
  '*.credential',
  '*.secretEnv',
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
];

/** JSON lines on stdout, one logger per process; children carry the context. */
export function createLogger({ name, level }: { name: string; level: string }): Logger {
  return pino({ name, level, redact: { paths: REDACTED, censor: '[redacted]' }, timestamp: pino.stdTimeFunctions.isoTime });
}
