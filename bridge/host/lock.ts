import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isSameProcess, type ProcessTable } from '../process/table.ts';

interface Holder {
  readonly pid: number;
  readonly start: string;
}

/**
 * Takes a lock file for this process and answers how to give it back, or null with a living holder. A lock of a process
 * that is gone, or whose pid another process has now, is taken over.
 */
export function takeLock(file: string, table: ProcessTable): { release(): void } | { heldBy: number } {
  const self = table.one(process.pid);
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: self?.start ?? '' } satisfies Holder), { mode: 0o644 });
  try {
    for (;;) {
      // A hard link is made completely or not at all, so nobody ever sees a lock without its holder.
      if (tryLink(mine, file)) return { release: () => releaseOwn(file) };
      const holder = readHolder(file);
      if (holder && isSameProcess(table, holder.pid, holder.start)) return { heldBy: holder.pid };
      if (holder) setAside(file, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): Holder | null {
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return { pid: Number(parsed.pid), start: String(parsed.start) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return { pid: 0, start: '' };
  }
}

/** Renames the stale lock away; when another process was faster and this was its fresh lock, it is put back. */
function setAside(file: string, stale: Holder): void {
  const aside = `${file}.stale.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && (moved.pid !== stale.pid || moved.start !== stale.start)) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function releaseOwn(file: string): void {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}
