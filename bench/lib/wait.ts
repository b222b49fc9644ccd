import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `everyMs` until `probe` answers something; rejects when it never does within `seconds`, or when `signal` is aborted. */
export async function waitFor<T>(what: string, options: { everyMs: number; seconds: number; signal: AbortSignal }, probe: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + options.seconds * 1000;
  while (performance.now() < deadline) {
    const found = await probe();
    if (found !== null) return found;
    await sleep(options.everyMs, undefined, { signal: options.signal });
  }
  throw new Error(`${what}: not within ${options.seconds} s`);
}
