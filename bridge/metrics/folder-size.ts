import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

const BLOCK_BYTES = 512;
/** A folder with more than this is not worth the time of the machine. */
const ENTRIES = 100_000;

/** Bytes on disk of everything below a folder, links not followed; null when there is too much to count. What goes away meanwhile counts nothing. */
export async function folderSize(root: string, entriesAllowed = ENTRIES): Promise<number | null> {
  const folders = [root];
  let bytes = 0;
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const found: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
    entries += found.length;
    if (entries > entriesAllowed) return null;
    for (const entry of found) {
      const place = path.join(folder, entry.name);
      const status = await lstat(place).catch(() => null);
      if (entry.isDirectory()) folders.push(place);
      bytes += (status?.blocks ?? 0) * BLOCK_BYTES;
    }
  }
  return bytes;
}
