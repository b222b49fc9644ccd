import { setTimeout as sleep } from 'node:timers/promises';
import { makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import { buildWorkflowBundle } from './build-workflow-bundle.ts';
import { createWorkerDeps, type WorkerDeps } from './deps.ts';
import { createActivities } from './index.ts';
import { ConfigError, parseConfig } from './platform/config.ts';
import { createLevelSwitch } from './platform/level-switch.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { createRegistry, measurePools } from './platform/metrics/process-metrics.ts';
import { type MetricsServer, serveMetrics } from './platform/metrics/serve-metrics.ts';
import { measureWork } from './platform/metrics/work-metrics.ts';
import { readKeyRing } from './platform/secrets.ts';
import { createDataConverter } from './platform/temporal/data-converter.ts';
import { startTracing } from './platform/tracing/tracing.ts';
import { startHousekeeping } from './start-housekeeping.ts';
import { startObservers } from './start-observers.ts';
import { type WorkerConfig, workerEnv } from './worker-config.ts';
import { serveHealth } from './worker-health.ts';
import { type WorkerParts, workerOptions } from './worker-options.ts';
import { buildIdOf, followOrders, reportWorker } from './worker-presence.ts';

const RETRY_MS = 1_000;
/** Two of the queues are for activities only, as they should be. */
const EXPECTED = /^No (workflows|Nexus services) registered/;

/** Sends what the SDK says through our logger, its native core included; payloads are never part of it. */
function installRuntime(logger: Logger, { METRICS_HOST: host, TEMPORAL_METRICS_PORT: port }: WorkerConfig): void {
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
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(port === undefined
        ? {}
        : { metrics: { prometheus: { bindAddress: `${host.includes(':') ? `[${host}]` : host}:${port}`, useSecondsForDurations: true } } }),
    },
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
  telemetry: Pick<WorkerParts, 'tracing' | 'onEnded'>,
): Promise<{ workers: Worker[]; connection: NativeConnection; build: string }> {
  const workflowBundle = config.WORKFLOW_BUNDLE ? { codePath: config.WORKFLOW_BUNDLE } : { code: await buildWorkflowBundle() };
  const connection = await untilItWorks('connecting to the workflow engine', deps.logger, () => NativeConnection.connect({ address: config.TEMPORAL_ADDRESS }));
  const activities = createActivities(deps);
  const parts = { connection, namespace: config.TEMPORAL_NAMESPACE, dataConverter, activities, workflowBundle, logger: deps.logger };
  const options = workerOptions({ ...parts, ...telemetry });
  const workers = await untilItWorks('starting the workers', deps.logger, () => Promise.all(options.map((option) => Worker.create(option))));
  return { workers, connection, build: buildIdOf(workflowBundle) };
}

function showNumbers({ METRICS_HOST: host, METRICS_PORT: port }: WorkerConfig, registry: Registry, logger: Logger): Promise<MetricsServer> | null {
  return port === undefined ? null : serveMetrics(registry, { host, port, logger });
}

async function main(): Promise<void> {
  const config: WorkerConfig = parseConfig('The worker', workerEnv, process.env);
  const levels = createLevelSwitch(config.LOG_LEVEL);
  const logger = createLogger({ name: 'worker', level: levels });
  installRuntime(logger, config);
  const tracing = await startTracing('clawloops-worker', process.env);
  const keyRing = readKeyRing(config.CLAWLOOPS_KEY_FILE);
  const deps = createWorkerDeps(config, keyRing, logger);
  const registry = createRegistry('worker');
  measurePools(registry, { app: deps.database.pool, system: deps.systemPool });
  const stopEarly = () => process.exit(0);
  process.once('SIGTERM', stopEarly).once('SIGINT', stopEarly);
  const orders = followOrders(config.DATABASE_URL_SYSTEM, levels, logger);
  const { workers, connection, build } = await createWorkers(config, deps, createDataConverter(deps.keys), { tracing, onEnded: measureWork(registry) });
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  const isReady = () => workers.every((worker) => worker.getState() === 'RUNNING');
  const health = config.WORKER_HEALTH_PORT === undefined ? null : await serveHealth(config.WORKER_HEALTH_PORT, isReady);
  const numbers = await showNumbers(config, registry, logger);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const report = reportWorker(deps.systemPool, levels, build, workers);
  void untilItWorks('watching the hosts', logger, () => startObservers(deps.temporalClient, deps.systemPool)).then((hosts) =>
    logger.info({ hosts }, 'hosts are watched'),
  );
  void untilItWorks('starting the housekeeping', logger, () => startHousekeeping(deps.temporalClient));
  logger.info({ queues: workers.map((worker) => worker.options.taskQueue), metrics: numbers?.url ?? null }, 'worker started');
  await running;
  health?.close();
  await numbers?.close();
  await Promise.all([orders.close(), report.close()]);
  await connection.close();
  await deps.close();
  await tracing.close();
  logger.info('worker stopped');
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
