import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import pkg from '../../../package.json' with { type: 'json' };
import { databaseName, databaseUrls } from '../database/urls.ts';
import { bucketName } from '../parts/seaweedfs.ts';
import { startPlatform } from '../platform.ts';
import { holderOf } from '../supervisor/data-lock.ts';
import { openHomes } from '../supervisor/homes.ts';
import { readJson } from '../supervisor/json-file.ts';
import { loadSecrets } from '../supervisor/secrets.ts';
import { findOrphans, readState } from '../supervisor/state-file.ts';
import { resolvePostgres } from '../tools/postgres.ts';
import { versions } from '../tools/versions.ts';
import { verifyArchive, writeArchive } from './archive.ts';
import { copyFile, copyPostgres } from './copy-postgres.ts';
import { copyTemporal } from './copy-temporal.ts';
import { type BackupManifest, BackupPart, platformName } from './manifest.ts';
import { copyObjects, type StoreAddress } from './objects.ts';

/** Settings of {@link takeBackup}. */
export interface BackupOptions {
  readonly dataDir: string;
  /** File to write; its end chooses the compression. An older one of that name is replaced when the new one is whole. */
  readonly to: string;
  readonly passphrase?: string | null;
  /** Called, and awaited, before each part is copied and before the file is verified. */
  readonly onStage?: (stage: BackupStage) => void | Promise<void>;
}

export type BackupStage = BackupPart | 'verify';

/** Where the parts of a platform are reached. */
interface Access {
  readonly superuserUrl: string;
  readonly postgres: string;
  readonly temporalFile: string;
  readonly claws: string;
  /** null: a platform without an object store runs. */
  readonly objectStore: StoreAddress | null;
}

/**
 * Writes a backup of the control plane of a data folder and reads it again. A running platform goes on working; of one that is stopped
 * the database and the object store are started for it. Claws and what they store are not touched. Throws when there is no platform,
 * a part does not answer or the file cannot be written; nothing half-made stays.
 */
export async function takeBackup(options: BackupOptions): Promise<BackupManifest> {
  const { dataDir, to, passphrase = null } = options;
  if (!existsSync(join(dataDir, 'secrets.json')))
    throw new Error(`There is no platform in ${dataDir}. Name its data folder with --data, as "npm run status" shows it.`);
  const draft = `${to}.${process.pid}.tmp`;
  try {
    const manifest = await withAccess(dataDir, (access) => writeBackup(access, options, draft));
    await options.onStage?.('verify');
    await verifyArchive(draft, passphrase);
    renameSync(draft, to);
    flushFolder(dirname(to));
    return manifest;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A new name survives a power cut only when its folder is on the disk too. */
function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Works on the running platform, or on one that runs for this only. */
async function withAccess<T>(dataDir: string, work: (access: Access) => Promise<T>): Promise<T> {
  const state = readState(dataDir);
  if (holderOf(dataDir) || findOrphans(state).length > 0) return work(accessTo(dataDir, state?.parts.some(({ name }) => name === 'seaweedfs') ?? false));
  const platform = await startPlatform({ dataDir, parts: ['postgres', 'seaweedfs'] });
  try {
    return await work(accessTo(dataDir, true));
  } finally {
    await platform.stop();
  }
}

function accessTo(dataDir: string, hasObjectStore: boolean): Access {
  const homes = openHomes(dataDir);
  const ports = readJson<Record<string, number>>(join(homes.dataDir, 'ports.json')) ?? {};
  const port = (name: string): number => ports[name] ?? 0;
  const secrets = loadSecrets(homes.dataDir);
  return {
    superuserUrl: databaseUrls({ secrets, port }).superuser,
    postgres: homes.postgres,
    temporalFile: join(homes.dataDir, 'temporal', 'temporal.db'),
    claws: homes.claws,
    objectStore: hasObjectStore ? { endpoint: `http://127.0.0.1:${port('s3')}`, ...secrets.s3, bucket: bucketName } : null,
  };
}

async function writeBackup(access: Access, { dataDir, to, passphrase = null, onStage }: BackupOptions, draft: string): Promise<BackupManifest> {
  const archive = writeArchive(draft, { namedLike: to, passphrase });
  try {
    await onStage?.(BackupPart.postgres);
    await copyPostgres(archive, { url: access.superuserUrl, folder: access.postgres });
    const createdAt = new Date().toISOString();
    await onStage?.(BackupPart.temporal);
    await copyTemporal(archive, { file: access.temporalFile, scratch: dataDir });
    await onStage?.(BackupPart.objects);
    if (access.objectStore) await copyObjects(archive, access.objectStore);
    await onStage?.(BackupPart.platform);
    for (const name of PLATFORM_FILES) await copyFile(archive, join(dataDir, name), `${BackupPart.platform}/${name}`);
    await copyFile(archive, join(access.claws, HOST_FILE), `${BackupPart.platform}/${HOST_FILE}`);
    return await archive.finish({ format: 1, product: pkg.version, createdAt, platform: platformName(), ...(await describe(access)) });
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

/** What opens everything else, and the ports, so that addresses stay. */
export const PLATFORM_FILES = ['secrets.json', 'keys.json', 'ports.json'] as const;
/** What the bridge chose for this machine: its name, uids and ports of claws. */
export const HOST_FILE = 'host.json';

async function describe({ superuserUrl }: Access): Promise<Pick<BackupManifest, 'versions' | 'migration' | 'instances'>> {
  const url = new URL(superuserUrl);
  url.pathname = `/${databaseName}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const migration = await client.query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name DESC LIMIT 1',
    );
    const instances = await client.query<{ count: number }>('SELECT count(*)::integer AS count FROM instance WHERE destroyed_at IS NULL');
    return {
      versions: {
        postgres: (await resolvePostgres()).version,
        temporal: versions.tools.temporal.serverVersion ?? versions.tools.temporal.version,
        seaweedfs: versions.tools.seaweedfs.version,
      },
      migration: migration.rows[0]?.name ?? '',
      instances: instances.rows[0]?.count ?? 0,
    };
  } finally {
    await client.end();
  }
}
