import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { ArchiveWriter } from './archive.ts';
import { BackupPart } from './manifest.ts';

const CHUNK_BYTES = 256 * 1024;
/** What a copy must not hold: it belongs to the running server, or is made anew by the next one. */
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_internal.init', 'backup_label', 'tablespace_map']);
/** Folders that must be there and are copied empty; the slot that keeps the log is this copy's own and ends with it. */
const EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the files of a running PostgreSQL by its own protocol for that (pg_backup_start and _stop) with the log they need to become
 * consistent, so nobody is held up. A slot keeps that log while it is copied. `url`: as the superuser.
 */
export async function copyPostgres(archive: ArchiveWriter, { url, folder }: { readonly url: string; readonly folder: string }): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect().catch((error: Error) => {
    throw new Error(
      `PostgreSQL does not answer (${error.message}). See how the platform is with "npm run status", or stop it with "npm run down" and try again.`,
    );
  });
  try {
    await client.query("SELECT pg_create_physical_replication_slot('clawloops_backup_' || pg_backend_pid(), true, true)");
    const started = await client.query<{ segment: string }>("SELECT pg_walfile_name(pg_backup_start('clawloops', true)) AS segment");
    await copyFolder(archive, folder, BackupPart.postgres);
    const stopped = await client.query<{ labelfile: string; spcmapfile: string; segment: string }>(
      'SELECT labelfile, spcmapfile, pg_walfile_name(lsn) AS segment FROM pg_backup_stop(false)',
    );
    const [first, last] = [started.rows[0], stopped.rows[0]];
    if (!first || !last) throw new Error('PostgreSQL did not say where the copy begins and ends.');
    const wal = (await readdir(join(folder, 'pg_wal'))).filter((name) => SEGMENT.test(name) && name >= first.segment && name <= last.segment).sort();
    for (const name of wal) await copyFile(archive, join(folder, 'pg_wal', name), `${BackupPart.postgres}/pg_wal/${name}`);
    await addText(archive, `${BackupPart.postgres}/backup_label`, last.labelfile);
    if (last.spcmapfile !== '') await addText(archive, `${BackupPart.postgres}/tablespace_map`, last.spcmapfile);
  } finally {
    await client.end();
  }
}

/** Adds a short text as a file. */
export async function addText(archive: ArchiveWriter, name: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  await archive.file(name, bytes.length, [bytes]);
}

async function copyFolder(archive: ArchiveWriter, folder: string, name: string): Promise<void> {
  await archive.folder(name);
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue;
    const [path, inside] = [join(folder, entry.name), `${name}/${entry.name}`];
    if (entry.isFile()) await copyFile(archive, path, inside);
    else if (entry.isDirectory() && EMPTY.has(entry.name)) await archive.folder(inside);
    else if (entry.isDirectory()) await copyFolder(archive, path, inside);
  }
}

/** Adds a file as long as it is now. One that was dropped meanwhile is left out: the log knows of it. */
export async function copyFile(archive: ArchiveWriter, path: string, name: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    await archive.file(name, size, fixedLength(handle, size));
  } finally {
    await handle.close();
  }
}

/** Exactly `size` bytes of a file that may change: what was cut off meanwhile is zero, and what was written is repeated by the log. */
async function* fixedLength(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; ) {
    const length = Math.min(CHUNK_BYTES, size - at);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
    yield bytesRead > 0 ? buffer.subarray(0, bytesRead) : buffer;
    at += bytesRead > 0 ? bytesRead : length;
  }
}
