import type pg from 'pg';
import type { LevelSwitch } from '../../activities/platform/level-switch.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import { PLATFORM_VERSION, watchProcess } from '../../activities/platform/process-facts.ts';
import { followLogLevels } from '../../prisma/log-levels.ts';
import { type ProcessFacts, reportProcess } from '../../prisma/process-report.ts';
import { type LogLevelOrder, LogPart } from '../../workflows/contracts/log-level.ts';

export interface PresenceOptions {
  readonly systemUrl: string;
  readonly systemPool: pg.Pool;
  readonly levels: LevelSwitch;
  readonly logger: Logger;
  /** Hands what bridges are to log on to those that are connected here; null = as they are configured. */
  readonly toBridges: (order: LogLevelOrder | null) => void;
}

/** This API process among the others. */
export interface Presence {
  /** What it last measured of itself. */
  readonly facts: () => ProcessFacts;
  close(): Promise<void>;
}

/** Lets the health of the platform know of this process, and makes it and its bridges log as much as they are told to. */
export function startPresence({ systemUrl, systemPool, levels, logger, toBridges }: PresenceOptions): Presence {
  const watch = watchProcess();
  let facts = watch.read();
  const report = reportProcess({
    pool: systemPool,
    part: 'api',
    version: PLATFORM_VERSION,
    build: null,
    logLevel: () => levels.current,
    facts: () => {
      facts = watch.read();
      return facts;
    },
  });
  const orders = followLogLevels({
    url: systemUrl,
    onOrders: (all) => {
      toBridges(all.find(({ part }) => part === LogPart.bridge) ?? null);
      const level = all.find(({ part }) => part === LogPart.api)?.level ?? null;
      if ((level ?? levels.configured) === levels.current) return;
      levels.turn(level);
      logger.info({ logLevel: levels.current }, 'the log level changed');
    },
    onLost: ({ message }) => logger.warn({ reason: message }, 'the connection that listens for the log level was lost'),
  });
  return {
    facts: () => facts,
    close: async () => {
      watch.stop();
      await Promise.all([report.close(), orders.close()]);
    },
  };
}
