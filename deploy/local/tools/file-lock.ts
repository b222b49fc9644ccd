import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** A held lock; `release` may be called more than once. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the exclusive lock `file` at once, or returns null when another process (or another caller in this one) holds it.
 * The lock is a SQLite write lock, so the kernel lets go of it when the holder dies, however it died.
 */
export function tryLock(file: string): FileLock | null {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Whoever may read a SQLite file may also hold up its lock.
    chmodSync(file, 0o600);
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  let held = true;
  return {
    release() {
      if (held) database.close();
      held = false;
    },
  };
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  // 5 SQLITE_BUSY, 6 SQLITE_LOCKED; the extended codes carry them in the low byte.
  return code !== undefined && [5, 6].includes(code & 0xff);
}

/** Waits for the lock `file`, runs `action`, releases. `onWait` is called once when someone else holds it. */
export async function withLock<T>(file: string, action: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  let lock = tryLock(file);
  if (!lock) onWait();
  while (!lock) {
    await sleep(100);
    lock = tryLock(file);
  }
  try {
    return await action();
  } finally {
    lock.release();
  }
}
