import { chownSync, createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { dataKeysOf } from '../../../activities/platform/data-keys.ts';
import { readKeyRing } from '../../../activities/platform/secrets.ts';
import { createTemporalClient } from '../../../activities/platform/temporal/connection.ts';
import { resumeEntities } from '../../../activities/resume-entities.ts';
import { databaseOwner, type Owner } from '../parts/postgres.ts';
import { repositoryRoot, startPlatform } from '../platform.ts';
import { type Homes, openHomes } from '../supervisor/homes.ts';
import { resolvePostgres } from '../tools/postgres.ts';
import { readArchive, verifyArchive } from './archive.ts';
import { dismissBridge } from './dismiss-bridge.ts';
import { type BackupManifest, BackupPart, platformName } from './manifest.ts';
import { ensureBucket, putObject } from './objects.ts';
import { HOST_FILE, PLATFORM_FILES } from './take-backup.ts';

/** Settings of {@link restoreBackup}. */
export interface RestoreOptions {
  readonly file: string;
  /** Must not exist, be empty, or hold nothing but the folder of the claws that a lost control plane left. */
  readonly dataDir: string;
  readonly passphrase?: string | null;
  readonly onStage?: (stage: RestoreStage) => void;
}

export type RestoreStage = 'verify' | 'unpack' | 'database' | 'objects' | 'workflows';

/** What was restored. */
export interface Restored {
  readonly manifest: BackupManifest;
  readonly instances: number;
  readonly openOperations: number;
  /** Whether claws of the lost control plane were found, to be adopted by the next start. */
  readonly foundClaws: boolean;
}

/** What may lie in the folder already: the bridge's own, which outlives the control plane. */
const CLAWS = 'claws';

/**
 * Restores a backup into an empty data folder; `npm run up` goes on from it. Claws that still run there are left running. Throws
 * before anything is changed when the file is not whole or does not fit, and takes everything back when something fails later.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, dataDir, passphrase = null, onStage = () => undefined } = options;
  refuseUnlessEmpty(dataDir);
  onStage('verify');
  const manifest = await verifyArchive(file, passphrase);
  await refuseUnlessFitting(manifest);
  const before = existsSync(dataDir) ? readdirSync(dataDir) : null;
  const homes = openHomes(dataDir);
  const foundClaws = existsSync(join(homes.claws, HOST_FILE));
  let mine = false;
  try {
    if (existsSync(homes.postgres)) throw new Error(`There is a database in ${homes.postgres} already. Move it away, then restore again.`);
    mine = true;
    await dismissBridge(homes.claws);
    onStage('unpack');
    await unpack(file, passphrase, homes, await databaseOwner(), foundClaws);
    return { manifest, foundClaws, ...(await settle(options, manifest, onStage)) };
  } catch (error) {
    if (mine) rmSync(homes.postgres, { recursive: true, force: true });
    if (mine && !foundClaws) rmSync(join(homes.claws, HOST_FILE), { force: true });
    removeAllBut(dataDir, before);
    throw error;
  }
}

function refuseUnlessEmpty(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const found = readdirSync(dataDir).filter((name) => name !== CLAWS);
  if (found.length === 0) return;
  throw new Error(
    `${dataDir} is not empty (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}). Stop the platform with "npm run down" and move the folder away, or name another with --data.`,
  );
}

async function refuseUnlessFitting({ platform, versions, migration, product }: BackupManifest): Promise<void> {
  const here = (await resolvePostgres()).version;
  const major = (version: string) => version.split('.')[0];
  if (platform !== platformName())
    throw new Error(`The backup was made on ${platform}; this machine is ${platformName()}. Restore it on a machine of that kind.`);
  if (major(versions.postgres) !== major(here))
    throw new Error(`The backup holds PostgreSQL ${versions.postgres}; this version of ClawLoops has ${here}. Restore it with ClawLoops ${product}.`);
  if (!existsSync(join(repositoryRoot, 'prisma', 'migrations', migration)))
    throw new Error(`The backup was made by a newer ClawLoops (${product}, ${migration}). Restore it with that version or a later one.`);
}

/** A failure leaves what was there before and nothing else. */
function removeAllBut(dataDir: string, kept: readonly string[] | null): void {
  if (!existsSync(dataDir)) return;
  for (const name of readdirSync(dataDir)) if (!kept?.includes(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
  if (kept === null) rmSync(dataDir, { recursive: true, force: true });
}

async function unpack(file: string, passphrase: string | null, homes: Homes, owner: Owner, foundClaws: boolean): Promise<void> {
  for await (const { name, content } of readArchive(file, passphrase)) {
    const target = targetOf(name, homes, foundClaws);
    if (target === null) continue;
    const isDatabase = name.startsWith(`${BackupPart.postgres}/`);
    if (name.endsWith('/')) mkdirSync(target, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
    }
    if (isDatabase && owner.uid !== undefined && owner.gid !== undefined) chownSync(target, owner.uid, owner.gid);
  }
}

/** Where an entry goes; null: it is put elsewhere, or what is there is newer. Throws on a name that leads out of its folder. */
function targetOf(name: string, homes: Homes, foundClaws: boolean): string | null {
  const [part = '', ...rest] = name.replace(/\/$/, '').split('/');
  if (rest.some((step) => step === '..' || step === '.' || step === '')) throw new Error(`The backup holds a file of an impossible name: ${name}.`);
  const inside = rest.join('/');
  if (part === BackupPart.postgres) return join(homes.postgres, inside);
  if (part === BackupPart.temporal) return join(homes.dataDir, 'temporal', inside);
  if (part !== BackupPart.platform) return null;
  if (inside === HOST_FILE) return foundClaws ? null : join(homes.claws, inside);
  return (PLATFORM_FILES as readonly string[]).includes(inside) ? join(homes.dataDir, inside) : null;
}

/** Lets the database become consistent, fills the object store and makes the workflow engine agree; then everything is stopped again. */
async function settle(
  { file, dataDir, passphrase = null }: RestoreOptions,
  manifest: BackupManifest,
  onStage: (stage: RestoreStage) => void,
): Promise<{ instances: number; openOperations: number }> {
  onStage('database');
  const platform = await startPlatform({ dataDir, parts: ['postgres', 'temporal', 'seaweedfs'] });
  try {
    if (manifest.parts[BackupPart.objects]) {
      onStage('objects');
      await ensureBucket(platform.objectStore);
      for await (const entry of readArchive(file, passphrase)) await putObject(platform.objectStore, entry);
    }
    onStage('workflows');
    const pool = new pg.Pool({ connectionString: platform.databaseUrls.owner, max: 1 });
    const keyRing = dataKeysOf(readKeyRing(join(platform.dataDir, 'keys.json')), pool);
    const temporal = createTemporalClient({ address: platform.temporalAddress, namespace: 'default', keyRing });
    try {
      return await resumeEntities({ ownerUrl: platform.databaseUrls.owner, temporal });
    } finally {
      await temporal.connection.close();
      await pool.end();
    }
  } finally {
    await platform.stop();
  }
}
