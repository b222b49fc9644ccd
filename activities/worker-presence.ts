import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Worker, WorkerOptions } from '@temporalio/worker';
import type pg from 'pg';
import { followLogLevels } from '../prisma/log-levels.ts';
import { reportProcess } from '../prisma/process-report.ts';
import { LogPart } from '../workflows/contracts/log-level.ts';
import type { LevelSwitch } from './platform/level-switch.ts';
import type { Logger } from './platform/logger.ts';
import { PLATFORM_VERSION, watchProcess } from './platform/process-facts.ts';

/** Id of the workflow code that a worker runs: the first twelve hex digits of its bundle's sha256. */
export function buildIdOf(bundle: WorkerOptions['workflowBundle']): string {
  const code = bundle && 'code' in bundle ? bundle.code : readFileSync(bundle?.codePath ?? '');
  return createHash('sha256').update(code).digest('hex').slice(0, 12);
}

/** Makes a worker process log as much as it is told to, from its first line on. */
export function followOrders(url: string, levels: LevelSwitch, logger: Logger): { close(): Promise<void> } {
  return followLogLevels({
    url,
    onOrders: (orders) => {
      const level = orders.find(({ part }) => part === LogPart.worker)?.level ?? null;
      if ((level ?? levels.configured) === levels.current) return;
      levels.turn(level);
      logger.info({ logLevel: levels.current }, 'the log level changed');
    },
    onLost: ({ message }) => logger.warn({ reason: message }, 'the connection that listens for the log level was lost'),
  });
}

/** Lets the health of the platform know of this worker process. */
export function reportWorker(pool: pg.Pool, levels: LevelSwitch, build: string, workers: readonly Worker[]): { close(): Promise<void> } {
  const watch = watchProcess();
  const sum = (of: (status: ReturnType<Worker['getStatus']>) => number): number => workers.reduce((total, worker) => total + of(worker.getStatus()), 0);
  const report = reportProcess({
    pool,
    part: 'worker',
    version: PLATFORM_VERSION,
    build,
    logLevel: () => levels.current,
    facts: () => ({
      ...watch.read(),
      cachedWorkflows: sum(({ numCachedWorkflows }) => numCachedWorkflows),
      runningActivities: sum(({ numInFlightActivities }) => numInFlightActivities),
    }),
  });
  return {
    close: async () => {
      watch.stop();
      await report.close();
    },
  };
}
