import path from 'node:path';
import type { Workload } from '../../workflows/contracts/workload.ts';
import type { ClawFolders } from '../files/folders.ts';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';
import { contentHash, hashTree, ownerOnlyMode, removeFromTree, type TreeFile, writeTree } from '../files/tree.ts';
import { replaceTokens } from './tokens.ts';

/** What the daemon wrote last into a claw's config folder; kept beside it, where the claw cannot write. */
interface Written {
  readonly filesHash: string;
  /** path -> sha256 in hex and length of what was written. */
  readonly files: Readonly<Record<string, { readonly hash: string; readonly bytes: number }>>;
}

const HASH_PREFIX = 'sha256:';

/** Writes the files of the workload that are not as wanted, removes those it no longer has. Answers whether anything was changed. */
export function writeClawFiles(folders: ClawFolders, workload: Workload, tokens: Readonly<Record<string, string>>, ownerId: number | null): boolean {
  const wanted = workload.files.map((file): TreeFile => ({ path: file.path, mode: ownerOnlyMode(file.mode), content: replaceTokens(file.content, tokens) }));
  const onDisk = hashTree(
    folders.config,
    wanted.map((file) => ({ path: file.path, bytes: Buffer.byteLength(file.content) })),
  );
  const different = wanted.filter((file) => onDisk.get(file.path) !== contentHash(file.content));
  const before = readWritten(folders);
  const names = new Set(wanted.map((file) => file.path));
  const dropped = Object.keys(before?.files ?? {}).filter((name) => !names.has(name));
  writeTree(folders.config, different, ownerId);
  removeFromTree(folders.config, dropped);
  const files = Object.fromEntries(wanted.map((file) => [file.path, { hash: contentHash(file.content), bytes: Buffer.byteLength(file.content) }]));
  writeJsonFile(writtenFile(folders), { filesHash: workload.filesHash, files } satisfies Written);
  return different.length > 0 || dropped.length > 0;
}

/** The hash the files were wanted to have while they are as written, else a hash of what is there. */
export function diskHash(folders: ClawFolders, workload: Workload): string {
  const written = readWritten(folders);
  if (!written) return `${HASH_PREFIX}${contentHash('')}`;
  const onDisk = hashTree(
    folders.config,
    Object.entries(written.files).map(([name, { bytes }]) => ({ path: name, bytes })),
  );
  const changed = Object.entries(written.files).some(([name, { hash }]) => onDisk.get(name) !== hash);
  if (!changed) return written.filesHash;
  return `${HASH_PREFIX}${contentHash(JSON.stringify([workload.filesHash, ...[...onDisk].sort()]))}`;
}

function writtenFile(folders: ClawFolders): string {
  return path.join(folders.root, 'files.json');
}

function readWritten(folders: ClawFolders): Written | null {
  return readJsonFile<Written>(writtenFile(folders));
}
