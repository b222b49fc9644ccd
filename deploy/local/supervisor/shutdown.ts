import { holderOf, lockData } from './data-lock.ts';
import { stopLeftovers } from './leftovers.ts';
import { signalProcess, waitUntilGone } from './process-identity.ts';

const cleanStopBudgetMs = 25_000;

/**
 * Stops the platform on a data folder, claws included: asks its supervisor, or, when that was killed, stops what it left.
 * Throws when the supervisor does not end in time.
 */
export async function stopPlatform(dataDir: string): Promise<'stopped' | 'not running'> {
  const holder = holderOf(dataDir);
  if (holder) {
    signalProcess(holder.pid, 'SIGTERM');
    if (!(await waitUntilGone(holder, cleanStopBudgetMs)))
      throw new Error(`The supervisor (process ${holder.pid}) did not stop within ${cleanStopBudgetMs / 1000} s. Its log is in ${dataDir}/logs.`);
  }
  const lock = lockData(dataDir);
  try {
    const leftovers = await stopLeftovers(dataDir);
    return holder || leftovers ? 'stopped' : 'not running';
  } finally {
    lock.release();
  }
}
