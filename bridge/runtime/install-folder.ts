import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { takeLock } from '../host/lock.ts';
import type { ProcessTable } from '../process/table.ts';

/** Installations below one folder that several daemons may share: complete or not there, made once. */
export interface InstallFolder {
  /** Answers the folder of that name, after `make` filled it when it was not there yet. */
  install(name: string, make: (folder: string) => Promise<void> | void): Promise<string>;
}

const MARKER = '.complete';
const LOCK_POLL_MILLISECONDS = 250;

export function createInstallFolder(root: string, table: ProcessTable): InstallFolder {
  const running = new Map<string, Promise<string>>();
  mkdirSync(root, { recursive: true, mode: 0o755 });
  return {
    install: (name, make) => {
      const folder = path.join(root, name);
      if (existsSync(path.join(folder, MARKER))) return Promise.resolve(folder);
      const known = running.get(name);
      if (known) return known;
      const started = installLocked(folder, make, table).finally(() => running.delete(name));
      running.set(name, started);
      return started;
    },
  };
}

async function installLocked(folder: string, make: (folder: string) => Promise<void> | void, table: ProcessTable): Promise<string> {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  const lock = await waitForLock(`${folder}.lock`, table);
  try {
    if (existsSync(path.join(folder, MARKER))) return folder;
    await removeUnfinished(folder);
    const temporary = `${folder}.making-${randomBytes(4).toString('hex')}`;
    mkdirSync(temporary, { mode: 0o755 });
    try {
      await make(temporary);
      writeFileSync(path.join(temporary, MARKER), '');
      renameSync(temporary, folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } finally {
    lock.release();
  }
}

async function waitForLock(file: string, table: ProcessTable): Promise<{ release(): void }> {
  for (;;) {
    const lock = takeLock(file, table);
    if ('release' in lock) return lock;
    await delay(LOCK_POLL_MILLISECONDS);
  }
}

/** What a killed installer left behind. Called under the lock. */
async function removeUnfinished(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const parent = path.dirname(folder);
  const prefix = `${path.basename(folder)}.making-`;
  for (const entry of readdirSync(parent)) if (entry.startsWith(prefix)) await rm(path.join(parent, entry), { recursive: true, force: true });
}
