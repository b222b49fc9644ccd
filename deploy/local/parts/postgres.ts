import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapRoles } from '../database/bootstrap.ts';
import { databaseUrls } from '../database/urls.ts';
import { acceptsTcp } from '../supervisor/health.ts';
import { isReachableByOthers } from '../supervisor/homes.ts';
import { type PostgresTool, resolvePostgres } from '../tools/postgres.ts';
import { run } from '../tools/run.ts';
import type { PartContext, Report, ServicePart } from './part.ts';

/** Whom the database's files belong to; nobody special where the platform runs without root. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root, so root lends it a system user. */
export async function databaseOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const find = async (name: string) => {
    const uid = await run('id', ['-u', name]).catch(() => null);
    const gid = await run('id', ['-g', name]).catch(() => null);
    return uid && gid ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
  };
  const existing = (await find('clawloops-postgres')) ?? (await find('postgres'));
  if (existing) return existing;
  await run('useradd', ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', 'clawloops-postgres']);
  const created = await find('clawloops-postgres');
  if (!created) throw new Error('A system user for PostgreSQL could not be made. Create one called "postgres" and try again.');
  return created;
}

/** The numeric owner of an existing cluster stays its owner, whatever users the machine has today. */
function ownerOfCluster(folder: string, fallback: Owner): Owner {
  if (fallback.uid === undefined) return fallback;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? fallback : { uid, gid };
}

async function initialise(tool: PostgresTool, context: PartContext, owner: Owner, report: Report): Promise<void> {
  const folder = context.homes.postgres;
  if (existsSync(join(folder, 'PG_VERSION'))) return;
  report('preparing its data folder');
  // A folder without PG_VERSION is what a killed initdb left behind.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const scratch = mkdtempSync(join(tmpdir(), 'clawloops-initdb-'));
  const passwordFile = join(scratch, randomBytes(6).toString('hex'));
  try {
    writeFileSync(passwordFile, `${context.secrets.postgres.superuser}\n`, { mode: 0o600 });
    if (owner.uid !== undefined && owner.gid !== undefined) for (const path of [folder, scratch, passwordFile]) chownSync(path, owner.uid, owner.gid);
    await run(
      tool.initdb,
      [
        `--pgdata=${folder}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
      { cwd: folder, env: plainEnvironment(), ...owner },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** PostgreSQL must not inherit settings such as PGDATA or PGPORT from the person's shell. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' };
}

/** PostgreSQL 18 with its roles and its empty database. */
export const postgresPart: ServicePart = {
  kind: 'service',
  name: 'postgres',
  title: 'PostgreSQL',
  needs: [],
  ports: ['postgres'],
  async plan(context, report) {
    const tool = await resolvePostgres();
    const lent = await databaseOwner();
    if (lent.uid !== undefined && !isReachableByOthers(tool.postgres)) {
      throw new Error(
        `PostgreSQL runs under a user of its own, which cannot reach ${tool.postgres}. Choose a cache that others may enter with CLAWLOOPS_CACHE.`,
      );
    }
    await initialise(tool, context, lent, report);
    const owner = ownerOfCluster(context.homes.postgres, lent);
    const port = context.port('postgres');
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '128MB',
      timezone: 'UTC',
      log_timezone: 'UTC',
      log_line_prefix: '%m [%p] %d ',
    };
    return {
      command: tool.postgres,
      args: ['-D', context.homes.postgres, ...Object.entries({ ...settings, ...durability(context) }).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      env: plainEnvironment(),
      cwd: context.homes.postgres,
      ...owner,
      ready: () => acceptsTcp(port),
      stopSignal: 'SIGINT',
      stopBudgetMs: 4_000,
      startBudgetMs: 180_000,
      advice: 'Check that the disk is not full. If the data itself is damaged and may be lost, run "npm run up -- --reset".',
      version: tool.version,
      source: tool.source,
    };
  },
  async afterReady(context) {
    await bootstrapRoles(databaseUrls(context), context.secrets.postgres);
  },
};

/**
 * Test runs throw their data away, so they need not outlive the machine. They kill the server though: what was committed must have
 * left its process, so `synchronous_commit` stays on.
 */
function durability(context: PartContext): Record<string, string> {
  return context.extraEnv.CLAWLOOPS_THROWAWAY_DATA === '1' ? { fsync: 'off', full_page_writes: 'off' } : {};
}
