import { setTimeout as sleep } from 'node:timers/promises';
import { makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { buildWorkflowBundle } from './build-workflow-bundle.ts';
import { createWorkerDeps, type WorkerDeps } from './deps.ts';
import { createActivities } from './index.ts';
import { ConfigError, parseConfig } from './platform/config.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { readKeyRing } from './platform/secrets.ts';
import { createDataConverter } from './platform/temporal/data-converter.ts';
import { startObservers } from './start-observers.ts';
import { type WorkerConfig, workerEnv } from './worker-config.ts';
import { serveHealth } from './worker-health.ts';
import { workerOptions } from './worker-options.ts';

const RETRY_MS = 1_000;
/** Two of the queues are for activities only, as they should be. */
const EXPECTED = /^No (workflows|Nexus services) registered/;

/** Sends what the SDK says through our logger, its native core included; payloads are never part of it. */
function installRuntime(logger: Logger): void {
  const levels = { TRACE: 'trace', DEBUG: 'trace', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  const log = (level: keyof typeof levels, message: string, meta: object = {}) => logger[EXPECTED.test(message) ? 'debug' : levels[level]](meta, message);
  Runtime.install({
    shutdownSignals: ['SIGTERM', 'SIGINT'],
    logger: {
      log,
      trace: (message, meta) => log('TRACE', message, meta),
      debug: (message, meta) => log('DEBUG', message, meta),
      info: (message, meta) => log('INFO', message, meta),
      warn: (message, meta) => log('WARN', message, meta),
      error: (message, meta) => log('ERROR', message, meta),
    },
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
  });
}

/** Repeats until it works, so that a server that is still starting does not end the process; a stop signal does. */
async function untilItWorks<T>(what: string, logger: Logger, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      logger.warn({ code: (error as NodeJS.ErrnoException).code, kind: (error as Error).name }, `${what} is not possible yet; trying again`);
      await sleep(RETRY_MS);
    }
  }
}

async function createWorkers(
  config: WorkerConfig,
  deps: WorkerDeps,
  dataConverter: ReturnType<typeof createDataConverter>,
): Promise<{ workers: Worker[]; connection: NativeConnection }> {
  const workflowBundle = config.WORKFLOW_BUNDLE ? { codePath: config.WORKFLOW_BUNDLE } : { code: await buildWorkflowBundle() };
  const connection = await untilItWorks('connecting to the workflow engine', deps.logger, () => NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }));
  const activities = createActivities(deps);
  const options = workerOptions({ connection, namespace: config.TEMPORAL_NAMESPACE, dataConverter, activities, workflowBundle, logger: deps.logger });
  const workers = await untilItWorks('starting the workers', deps.logger, () => Promise.all(options.map((option) => Worker.create(option))));
  return { workers, connection };
}

async function main(): Promise<void> {
  const config: WorkerConfig = parseConfig('The worker', workerEnv, process.env);
  const logger = createLogger({ name: 'worker', level: config.LOG_LEVEL });
  installRuntime(logger);
  const keyRing = readKeyRing(config.CLAWLOOPS_KEY_FILE);
  const deps = createWorkerDeps(config, keyRing, logger);
  const stopEarly = () => process.exit(0);
  process.once('SIGTERM', stopEarly).once('SIGINT', stopEarly);
  const { workers, connection } = await createWorkers(config, deps, createDataConverter(keyRing));
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  const isReady = () => workers.every((worker) => worker.getState() === 'RUNNING');
  const health = config.WORKER_HEALTH_PORT === undefined ? null : await serveHealth(config.WORKER_HEALTH_PORT, isReady);
  const running = Promise.all(workers.map((worker) => worker.run()));
  void untilItWorks('watching the hosts', logger, () => startObservers(deps.temporalClient, deps.systemPool)).then((hosts) =>
    logger.info({ hosts }, 'hosts are watched'),
  );
  logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'worker started');
  await running;
  health?.close();
  await connection.close();
  await deps.close();
  logger.info('worker stopped');
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
