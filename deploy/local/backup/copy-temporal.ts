import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { ArchiveWriter } from './archive.ts';
import { copyFile } from './copy-postgres.ts';
import { BackupPart } from './manifest.ts';

/** All pages in one step: a copy in several would begin anew whenever the server writes in between. */
const ALL_PAGES = 2 ** 30;

/** Copies the workflow engine's database as it is at one moment, while it is in use or not. `scratch` is on the same disk. */
export async function copyTemporal(archive: ArchiveWriter, { file, scratch }: { readonly file: string; readonly scratch: string }): Promise<void> {
  if (!existsSync(file)) return;
  const draft = mkdtempSync(join(scratch, '.backup-'));
  const source = new DatabaseSync(file, { readOnly: true, timeout: 30_000 });
  try {
    const copy = join(draft, 'temporal.db');
    await backup(source, copy, { rate: ALL_PAGES });
    await copyFile(archive, copy, `${BackupPart.temporal}/temporal.db`);
  } finally {
    source.close();
    rmSync(draft, { recursive: true, force: true });
  }
}
