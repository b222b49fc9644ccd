import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { volumeUnavailable } from '../claw/failure.ts';

/** One file as it must be on disk. */
export interface TreeFile {
  /** Relative, without `..`. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const HAS_FD_PATHS = existsSync('/proc/self/fd');
const MODE = /^0?[0-7]{3}$/;

/** Reads the octal mode of a workload file; what others may do is always cut off. */
export function ownerOnlyMode(mode: string): number {
  return MODE.test(mode) ? Number.parseInt(mode, 8) & 0o700 : 0o600;
}

/**
 * Writes files below a folder that belongs to a claw, each at once by rename. The daemon may be root and the claw hostile, so every
 * step goes through an open folder and no link is followed, whatever the claw puts there meanwhile.
 */
export function writeTree(root: string, files: readonly TreeFile[], ownerId: number | null): void {
  for (const file of files) {
    inFolderOf(root, file.path, ownerId, true, (folder, name) => writeOne(folder, name, file, ownerId));
  }
}

/** Removes files that were written before and are not wanted any more. */
export function removeFromTree(root: string, paths: readonly string[]): void {
  for (const file of paths) {
    inFolderOf(root, file, null, false, (folder, name) => rmSync(path.join(folder, name), { force: true }));
  }
}

/** sha256 of what each file holds now, in hex; null for one that is missing, is no regular file or is much longer than expected. */
export function hashTree(root: string, files: readonly { readonly path: string; readonly bytes: number }[]): Map<string, string | null> {
  return new Map(
    files.map((file) => {
      let hash: string | null = null;
      inFolderOf(root, file.path, null, false, (folder, name) => {
        hash = hashOne(path.join(folder, name), file.bytes);
      });
      return [file.path, hash];
    }),
  );
}

export function contentHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Opens the folder of a file step by step and hands over a path that leads to exactly that folder. */
function inFolderOf(root: string, relative: string, ownerId: number | null, create: boolean, work: (folder: string, name: string) => void): void {
  const parts = relative.split('/');
  const name = parts.pop() ?? '';
  if (path.isAbsolute(relative) || name === '' || [...parts, name].some((part) => part === '..' || part === '.' || part === '')) {
    throw volumeUnavailable(relative, 'its path leaves the folder of the claw');
  }
  const open: number[] = [];
  try {
    let here = enter(root, open);
    for (const part of parts) {
      const next = path.join(here, part);
      if (create) makeOwned(next, ownerId, open);
      here = enter(next, open);
    }
    work(here, name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!create && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP')) return;
    if (code === 'VOLUME_UNAVAILABLE') throw error;
    throw volumeUnavailable(path.join(root, relative), `the system says ${code ?? (error as Error).message}`);
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}

function enter(folder: string, open: number[]): string {
  const descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  open.push(descriptor);
  return HAS_FD_PATHS ? `/proc/self/fd/${descriptor}` : folder;
}

/** A folder that is there and still the daemon's own was made by one that did not live to give it away. */
function makeOwned(folder: string, ownerId: number | null, open: number[]): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  open.push(descriptor);
  if (ownerId !== null && fstatSync(descriptor).uid === process.getuid?.()) fchownSync(descriptor, ownerId, ownerId);
}

function writeOne(folder: string, name: string, file: TreeFile, ownerId: number | null): void {
  const temporary = path.join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`);
  const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(descriptor, file.content);
    fchmodSync(descriptor, file.mode);
    if (ownerId !== null) fchownSync(descriptor, ownerId, ownerId);
    fsyncSync(descriptor);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path.join(folder, name));
}

/** Non-blocking, because a claw may have put a pipe there. */
function hashOne(file: string, expectedBytes: number): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > expectedBytes + 1024 * 1024) return null;
    const content = Buffer.alloc(status.size);
    const length = readSync(descriptor, content, 0, content.length, 0);
    return contentHash(content.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}
