import { readFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Version of the platform, as package.json says it. */
export const PLATFORM_VERSION = (JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version;

const NANOSECONDS = 1e6;
const RESOLUTION_MS = 20;

/** Watches this process; each reading tells of the time since the one before: event loop delay in ms, memory in bytes. */
export function watchProcess(): { read(): { eventLoopDelayP99Ms: number; memoryBytes: number }; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return {
    read: () => {
      // The histogram counts the sampling interval itself as delay.
      const late = Math.max(0, delay.percentile(99) / NANOSECONDS - RESOLUTION_MS);
      delay.reset();
      return { eventLoopDelayP99Ms: Math.round(late * 10) / 10, memoryBytes: process.memoryUsage.rss() };
    },
    stop: () => delay.disable(),
  };
}
