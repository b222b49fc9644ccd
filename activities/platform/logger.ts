import pino, { type Logger } from 'pino';
import { createLevelSwitch, type LevelSwitch } from './level-switch.ts';

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

/**
 * JSON lines on stdout, one logger per process; children carry the context. With a `LevelSwitch` it says as much as that lets pass at
 * the moment: a child has a level of its own from the moment it is made, so the level alone could not be turned later.
 */
export function createLogger({ name, level }: { name: string; level: string | LevelSwitch }): Logger {
  const gate = typeof level === 'string' ? createLevelSwitch(level) : level;
  return pino({
    name,
    level: 'trace',
    hooks: {
      logMethod(args, method, number) {
        if (gate.passes(number)) method.apply(this, args);
      },
    },
    redact: { paths: REDACTED, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
