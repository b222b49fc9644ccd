import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, type PlatformOptions, startPlatform } from '../platform.ts';
import { removeHomes } from '../supervisor/homes.ts';

/** How the data folders of such platforms begin in the temporary folder: by it those of killed runs are found. */
export const THROW_AWAY_PREFIX = 'clawloops-test-';

/** A platform whose data ends with it. */
export interface ThrowAwayPlatform {
  readonly platform: Platform;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts the wanted parts on a data folder made for them. Rejects as {@link startPlatform} does, leaving nothing behind. */
export async function startThrowAwayPlatform(options: Omit<PlatformOptions, 'dataDir'>): Promise<ThrowAwayPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), THROW_AWAY_PREFIX));
  try {
    const platform = await startPlatform({ ...options, dataDir });
    return {
      platform,
      remove: async () => {
        await platform.stop();
        removeHomes(dataDir);
      },
    };
  } catch (error) {
    removeHomes(dataDir);
    throw error;
  }
}
