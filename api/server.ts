import { ConfigError } from '../activities/platform/config.ts';
import { createLevelSwitch } from '../activities/platform/level-switch.ts';
import { createLogger } from '../activities/platform/logger.ts';
import { startTracing } from '../activities/platform/tracing/tracing.ts';
import { type ApiConfig, readApiConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { serveApi } from './serve.ts';

/** Longest time between the signal and the end of the process. */
const STOP_MS = 9000;

async function main(config: ApiConfig): Promise<void> {
  const levels = createLevelSwitch(config.LOG_LEVEL);
  const logger = createLogger({ name: 'api', level: levels });
  const tracing = await startTracing('clawloops-api', process.env);
  const api = await serveApi(createDeps(config, logger, tracing, levels));
  logger.info({ url: api.url, metrics: api.metricsUrl }, 'API started');
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'API stops');
    setTimeout(() => process.exit(1), STOP_MS).unref();
    api.close().then(
      () => process.exit(0),
      (error: Error) => {
        logger.error({ err: error }, 'the API did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

try {
  await main(readApiConfig(process.env));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(1);
}
