#!/usr/bin/env node
import { startBridge } from './bridge.ts';
import { type BridgeConfig, parseBridgeConfig } from './config.ts';
import { createLog } from './log.ts';

/** What claws get to end by themselves when the daemon is told to end them too; its own caller waits 8 s. */
const HALT_MILLISECONDS = 5_000;
const HALT_LIMIT_MILLISECONDS = 7_800;

function configOrExit(): BridgeConfig {
  try {
    return parseBridgeConfig(process.env);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

const config = configOrExit();
const log = createLog(config.logLevel);
// Installed versions are for every uid; whatever is not names its own mode.
process.umask(0o022);
try {
  const bridge = await startBridge(config, log);
  let ending = false;
  const end = (signal: string, work: () => Promise<void>): void => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'bridge ends');
    setTimeout(() => process.exit(1), HALT_LIMIT_MILLISECONDS).unref();
    work().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the bridge could not end in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM', () => bridge.leave()));
  process.on('SIGINT', () => end('SIGINT', () => bridge.shutDown(HALT_MILLISECONDS)));
} catch (error) {
  log.error({ err: error }, 'the bridge cannot start');
  process.exit(1);
}
