import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlreadyRunning, lockData } from '../supervisor/data-lock.ts';
import { removeHomes } from '../supervisor/homes.ts';
import { stopLeftovers } from '../supervisor/leftovers.ts';
import { isAlive } from '../supervisor/process-identity.ts';
import { readState } from '../supervisor/state-file.ts';
import type { FileLock } from '../tools/file-lock.ts';
import { THROW_AWAY_PREFIX } from './throw-away-platform.ts';

/** Null when another run is just cleaning up there. */
function tryLockData(dataDir: string): FileLock | null {
  try {
    return lockData(dataDir);
  } catch (error) {
    if (error instanceof AlreadyRunning) return null;
    throw error;
  }
}

/**
 * Stops and removes platforms of test runs that were killed before they could clean up. One that is just starting has no
 * record of a dead supervisor yet and is left alone.
 */
export async function removeAbandonedPlatforms(folder: string = tmpdir()): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(THROW_AWAY_PREFIX)) continue;
    const dataDir = join(folder, name);
    const state = readState(dataDir);
    if (!state?.supervisor || isAlive(state.supervisor)) continue;
    const lock = tryLockData(dataDir);
    if (!lock) continue;
    try {
      await stopLeftovers(dataDir);
      removeHomes(dataDir);
    } finally {
      lock.release();
    }
  }
}
