import pino from 'pino';

/** The few methods of a logger that the daemon uses. */
export interface Log {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** A log whose level can be turned for a while. */
export interface TurnableLog extends Log {
  /** Logs at this level and, after so long, as configured again; null = as configured at once. */
  turn(order: { readonly level: string; readonly leftMilliseconds: number } | null): void;
}

const LONGEST_MILLISECONDS = 86_400_000;

/** JSON lines on stdout; whatever looks like a secret is left out. */
export function createLog(level: string): TurnableLog {
  const paths = ['token', 'secret', 'secretEnv', 'env', '*.token', '*.secret', '*.secretEnv', '*.env'];
  const logger = pino({ name: 'bridge', level, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '[redacted]' } });
  let timer: NodeJS.Timeout | undefined;
  const set = (to: string): void => {
    if (logger.level === to || !Object.hasOwn(pino.levels.values, to)) return;
    logger.level = to;
    logger.info({ logLevel: to }, 'the log level changed');
  };
  return {
    debug: (context, message) => logger.debug(context, message),
    info: (context, message) => logger.info(context, message),
    warn: (context, message) => logger.warn(context, message),
    error: (context, message) => logger.error(context, message),
    turn: (order) => {
      clearTimeout(timer);
      set(order?.level ?? level);
      if (order) timer = setTimeout(set, Math.min(order.leftMilliseconds, LONGEST_MILLISECONDS), level).unref();
    },
  };
}
