/** Parts whose log can be made to say more or less while they run. */
export const LogPart = { api: 'api', worker: 'worker', bridge: 'bridge' } as const;
export type LogPart = (typeof LogPart)[keyof typeof LogPart];

/** From the most to the least. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A part logs at this level for so long, then again as it is configured. */
export interface LogLevelOrder {
  readonly part: LogPart;
  readonly level: LogLevel;
  readonly leftMilliseconds: number;
}
