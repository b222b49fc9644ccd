import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Files of `path` (a file or a folder) in a stable order, without tests and installed packages. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const found: string[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (['node_modules', 'dist', 'e2e', 'histories'].includes(entry.name) || /\.(test|it\.test|driver\.test)\.ts$/.test(entry.name)) continue;
    found.push(...filesOf(join(path, entry.name)));
  }
  return found;
}

/** Digest over the given files and folders of the repository: the same text gives the same digest in every clone. */
export function sourceHash(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesOf(join(root, path)))
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
