import pino from 'pino';

/** The few methods of a logger that the daemon uses. */
export interface Log {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** JSON lines on stdout; whatever looks like a secret is left out. */
export function createLog(level: string): Log {
  const paths = ['token', 'secret', 'secretEnv', 'env', '*.token', '*.secret', '*.secretEnv', '*.env'];
  return pino({ name: 'bridge', level, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } });
}
