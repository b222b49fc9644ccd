import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './file-lock.ts';

/**
 * Folder of everything obtained once per machine: `CLAWLOOPS_CACHE`, else `/var/cache/clawloops` for root (claws run under
 * their own uid and must read their runtime there), else the XDG cache folder.
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env, uid: number | undefined = process.getuid?.()): string {
  if (env.CLAWLOOPS_CACHE) return env.CLAWLOOPS_CACHE;
  if (uid === 0 && process.platform === 'linux') return '/var/cache/clawloops';
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clawloops');
}

/** Key of a cache entry: what, which version, for which machine. */
export function cacheKey(name: string, version: string): string {
  return `${name}-${version}-${process.platform}-${process.arch}`;
}

/** An entry's folder and whether it was there before. */
export interface CacheEntry {
  readonly path: string;
  readonly hit: boolean;
}

/**
 * Returns the folder `<root>/<area>/<key>`, made by `fill` on first use. `fill` gets an empty folder beside it that is renamed
 * into place at the end, so a reader never sees half an entry; one process fills, others wait. A fill that throws leaves nothing.
 */
export async function cached(root: string, area: string, key: string, fill: (folder: string) => Promise<void>, onWait?: () => void): Promise<CacheEntry> {
  const parent = join(root, area);
  const path = join(parent, key);
  if (existsSync(path)) return { path, hit: true };
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  return withLock(
    join(root, 'locks', `${area}-${key}.lock`),
    async () => {
      if (existsSync(path)) return { path, hit: true };
      removeAbandoned(parent, key);
      const draft = mkdtempSync(join(parent, `.${key}.`));
      try {
        chmodSync(draft, 0o755);
        await fill(draft);
        renameSync(draft, path);
      } catch (error) {
        rmSync(draft, { recursive: true, force: true });
        throw error;
      }
      return { path, hit: false };
    },
    onWait,
  );
}

/** Drafts of a filler that was killed: the lock is ours, so nobody works on them. */
function removeAbandoned(parent: string, key: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`.${key}.`)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}
