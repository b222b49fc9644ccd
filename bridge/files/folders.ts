import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, constants, lchownSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync, type Stats } from 'node:fs';
import path from 'node:path';
import { volumeUnavailable } from '../claw/failure.ts';

/**
 * Folders of one claw. `root` belongs to the daemon, so the claw cannot replace what is in it; the four below belong to the claw.
 * `log` is what the claw printed.
 */
export interface ClawFolders {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  readonly run: string;
  readonly log: string;
}

/** uid and gid of a claw; null where every claw runs as the daemon's own user. */
export type Owner = { readonly id: number; readonly block: { readonly first: number; readonly last: number } } | null;

const OWNED = ['config', 'data', 'logs', 'run'] as const;

export function clawsDir(dataDir: string): string {
  return path.join(dataDir, 'claws');
}

export function clawFolders(dataDir: string, slug: string): ClawFolders {
  const root = path.join(clawsDir(dataDir), slug);
  return {
    root,
    config: path.join(root, 'config'),
    data: path.join(root, 'data'),
    logs: path.join(root, 'logs'),
    run: path.join(root, 'run'),
    log: path.join(root, 'claw.log'),
  };
}

/** Makes the folders or takes over what a former life of the claw left. Throws VOLUME_UNAVAILABLE when one cannot be written. */
export function prepareFolders(folders: ClawFolders, owner: Owner): void {
  guarded(folders.root, () => {
    makeFolder(folders.root, owner ? 0o750 : 0o700);
    if (owner) reopen(folders.root, owner.id);
  });
  for (const name of OWNED) {
    const folder = folders[name];
    guarded(folder, () => {
      makeFolder(folder, 0o700);
      if (owner) takeOver(folder, owner);
    });
  }
  checkFolders(folders, owner);
}

/** Throws VOLUME_UNAVAILABLE when a folder is not one, is not writable by whom it belongs to, or sits on something read-only. */
export function checkFolders(folders: ClawFolders, owner: Owner): void {
  for (const name of ['root', ...OWNED] as const) {
    const folder = folders[name];
    guarded(folder, () => {
      const status = lstatSync(folder);
      if (!status.isDirectory()) throw volumeUnavailable(folder, 'it is not a folder');
      // Root may write anywhere, so its success proves nothing about the claw: the mode bits are what counts.
      if ((status.mode & 0o700) !== 0o700) throw volumeUnavailable(folder, `its mode is ${(status.mode & 0o777).toString(8).padStart(4, '0')}`);
      if (owner && name !== 'root' && status.uid !== owner.id) throw volumeUnavailable(folder, `it belongs to uid ${status.uid} instead of ${owner.id}`);
      tryToWrite(folder);
    });
  }
}

/** Removes everything, or with `retain` closes the folder to every uid, because the claw's own may be another's next. */
export function removeFolders(folders: ClawFolders, retention: 'retain' | 'wipe', owner: Owner): void {
  guarded(folders.root, () => {
    if (retention === 'wipe') {
      rmSync(folders.root, { recursive: true, force: true });
      return;
    }
    const status = statusOf(folders.root);
    if (!status?.isDirectory()) return;
    if (owner) chownSync(folders.root, 0, 0);
    chmodSync(folders.root, 0o700);
  });
}

/** Opens the folder to its claw, again after it was closed for its data. One that somebody made unwritable stays as it is, to be told of. */
function reopen(folder: string, group: number): void {
  chownSync(folder, 0, group);
  if ((lstatSync(folder).mode & 0o700) === 0o700) chmodSync(folder, 0o750);
}

function makeFolder(folder: string, mode: number): void {
  const status = statusOf(folder);
  if (status && !status.isDirectory()) throw volumeUnavailable(folder, 'it is not a folder');
  if (status) return;
  mkdirSync(folder, { mode });
  chmodSync(folder, mode);
}

/**
 * Gives a folder to the claw's present uid: one that was just made, by this daemon or by one that did not live to give it away, and one
 * of a former slot of this host with all that is in it. No process of either uid runs while this is done.
 */
function takeOver(folder: string, owner: NonNullable<Owner>): void {
  const former = lstatSync(folder).uid;
  if (former === process.getuid?.()) chownSync(folder, owner.id, owner.id);
  if (former === owner.id || former < owner.block.first || former > owner.block.last) return;
  const give = (entry: string): void => {
    const status = lstatSync(entry);
    if (status.uid === former) lchownSync(entry, owner.id, owner.id);
    if (status.isDirectory()) for (const child of readdirSync(entry)) give(path.join(entry, child));
  };
  give(folder);
}

function tryToWrite(folder: string): void {
  const file = path.join(folder, `.write-test-${randomBytes(6).toString('hex')}`);
  closeSync(openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600));
  rmSync(file);
}

function statusOf(entry: string): Stats | null {
  return lstatSync(entry, { throwIfNoEntry: false }) ?? null;
}

function guarded(folder: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'VOLUME_UNAVAILABLE') throw error;
    throw volumeUnavailable(folder, `the system says ${code ?? (error as Error).message}`);
  }
}
