import { join } from 'node:path';
import { type FileLock, tryLock } from '../tools/file-lock.ts';
import { readJson, writeJson } from './json-file.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Thrown when another supervisor works on the same data. */
export class AlreadyRunning extends Error {
  readonly holder: ProcessIdentity | null;
  constructor(dataDir: string, holder: ProcessIdentity | null) {
    super(
      `ClawLoops already runs on ${dataDir}${holder ? ` (process ${holder.pid})` : ''}. Use it, stop it with "npm run down", or choose other data with CLAWLOOPS_DATA_DIR.`,
    );
    this.holder = holder;
  }
}

const lockFile = (dataDir: string) => join(dataDir, 'lock');
const holderFile = (dataDir: string) => join(dataDir, 'holder.json');

/** Takes the data folder for this process until released or dead. Throws {@link AlreadyRunning} when it is held. */
export function lockData(dataDir: string): FileLock {
  const lock = tryLock(lockFile(dataDir));
  if (!lock) throw new AlreadyRunning(dataDir, holderOf(dataDir));
  writeJson(holderFile(dataDir), identify(process.pid));
  return lock;
}

/** The process that last took the data folder, if it still lives; it holds the lock unless it is just ending. */
export function holderOf(dataDir: string): ProcessIdentity | null {
  const holder = readJson<ProcessIdentity>(holderFile(dataDir));
  return holder && isAlive(holder) ? holder : null;
}
