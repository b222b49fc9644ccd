import { existsSync } from 'node:fs';
import { lockData } from './data-lock.ts';
import { removeHomes } from './homes.ts';
import { stopLeftovers } from './leftovers.ts';

/** Deletes all data of a platform after stopping what a killed supervisor left behind, claws included. Throws when it runs. */
export async function resetData(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const lock = lockData(dataDir);
  try {
    await stopLeftovers(dataDir);
    removeHomes(dataDir);
  } finally {
    lock.release();
  }
}
