import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheRoot } from '../tools/cache.ts';

/** The folders of one platform. */
export interface Homes {
  readonly dataDir: string;
  readonly logs: string;
  /** What processes with another uid must reach (PostgreSQL, claws); inside `dataDir` unless `elsewhere` says otherwise. */
  readonly postgres: string;
  readonly claws: string;
  readonly runtimes: string;
  /** Set when, as root, a parent of `dataDir` keeps other users out; removed by a reset like the rest. */
  readonly elsewhere: string | null;
}

const isRoot = () => process.getuid?.() === 0;

/** Whether a user without any rights can walk to `folder`, looking at its existing parents only. */
export function isReachableByOthers(folder: string): boolean {
  for (let current = dirname(folder); ; current = dirname(current)) {
    if (existsSync(current) && (statSync(current).mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

function pointerFile(dataDir: string): string {
  return join(dataDir, 'elsewhere');
}

/** Where the part of the data lives that other uids must reach, if it is not in `dataDir`; null when it is. */
export function readElsewhere(dataDir: string): string | null {
  const pointer = pointerFile(dataDir);
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : null;
}

function chooseElsewhere(dataDir: string): string | null {
  const known = readElsewhere(dataDir);
  if (known) return known;
  if (!isRoot() || isReachableByOthers(dataDir)) return null;
  const path = join('/var/lib/clawloops', createHash('sha256').update(dataDir).digest('hex').slice(0, 10));
  writeFileSync(pointerFile(dataDir), `${path}\n`);
  return path;
}

/** Makes the folders of a platform and says where they are. As root they can be walked through, not listed, by other users. */
export function openHomes(dataDir: string): Homes {
  const mode = isRoot() ? 0o711 : 0o700;
  mkdirSync(dataDir, { recursive: true });
  const real = realpathSync(dataDir);
  chmodSync(real, mode);
  const elsewhere = chooseElsewhere(real);
  const reachable = elsewhere ?? real;
  const homes: Homes = {
    dataDir: real,
    logs: join(real, 'logs'),
    postgres: join(reachable, 'postgres'),
    claws: join(reachable, 'claws'),
    runtimes: join(cacheRoot(), 'runtimes'),
    elsewhere,
  };
  if (elsewhere) {
    mkdirSync(dirname(elsewhere), { recursive: true, mode: 0o711 });
    mkdirSync(elsewhere, { recursive: true, mode });
  }
  mkdirSync(homes.logs, { recursive: true, mode: 0o700 });
  mkdirSync(homes.claws, { recursive: true, mode });
  mkdirSync(homes.runtimes, { recursive: true, mode: 0o755 });
  return homes;
}

/** Deletes all data of a platform that does not run. The shared cache stays. */
export function removeHomes(dataDir: string): void {
  // What was ended by force a moment ago, such as a helper of the database, may write a last time meanwhile.
  const thoroughly = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
  const elsewhere = readElsewhere(dataDir);
  if (elsewhere) rmSync(elsewhere, thoroughly);
  rmSync(dataDir, thoroughly);
}
