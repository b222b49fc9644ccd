import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from './errors.ts';

const DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000];

/** Opens a broken connection again, with growing waits, as long as the platform is merely away; gives up after about half a minute. */
export async function openAgain<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const delay of DELAYS_MS) {
    try {
      return await open();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    }
  }
  return open();
}
