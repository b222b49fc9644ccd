import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type pg from 'pg';
import { pack } from 'tar-stream';
import pkg from '../../package.json' with { type: 'json' };
import type { Database } from '../../prisma/client.ts';
import { createNaming, readFleetFacts } from './bundle-facts.ts';
import { tailLogs } from './log-tail.ts';

/** One file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** The configuration of the process; of `CLAWLOOPS_DATA_DIR` the logs are read. */
export type BundleConfig = Readonly<Record<string, unknown>> & { readonly CLAWLOOPS_DATA_DIR?: string | undefined };

export interface BundleDeps {
  readonly database: Database;
  /** Role clawloops_system: whether other tenants work here. */
  readonly systemPool: pg.Pool;
  readonly config: BundleConfig;
  readonly health: () => Promise<unknown>;
  readonly preflight: (tenantId: string) => Promise<unknown>;
}

/** Settings that say how the platform runs and open nothing. Every other variable is named with nothing but whether it is set. */
const OPEN_SETTINGS: ReadonlySet<string> = new Set([
  'API_HOST',
  'API_PORT',
  'PUBLIC_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'LITELLM_URL',
  'S3_ENDPOINT',
  'S3_BUCKET',
  'LOG_LEVEL',
]);

/**
 * What a supporter needs, without secrets, without what people and claws wrote, and with `names: false` without names: versions, health,
 * hosts, instances, operations that failed, settings, the ends of the logs where this process can read them. The first file says what
 * is in it and what was left out.
 */
export async function collectBundle(deps: BundleDeps, { tenantId, names }: { readonly tenantId: string; readonly names: boolean }): Promise<BundleFile[]> {
  const naming = createNaming(!names);
  const fleet = await deps.database.withTenantSql(tenantId, (sql) => readFleetFacts(sql, naming));
  const json = (name: string, value: unknown): BundleFile => ({
    name,
    text: `${JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? naming.text(part) : part), 2)}\n`,
  });
  const files = [
    json('versions.json', { clawloops: pkg.version, node: process.versions.node, platform: process.platform, arch: process.arch }),
    json('health.json', await deps.health()),
    json('preflight.json', await deps.preflight(tenantId)),
    ...Object.entries(fleet).map(([name, rows]) => json(`${name}.json`, rows)),
    json('configuration.json', settings(deps.config)),
    json('process.json', { uptimeSeconds: Math.round(process.uptime()), memoryBytes: process.memoryUsage(), resources: process.resourceUsage() }),
  ];
  const { logs, leftOut } = await readLogs(deps, tenantId);
  const all = [...files, ...logs.map(({ name, text }) => ({ name: `logs/${name}`, text: names ? text : naming.text(text) }))];
  const about = {
    createdAt: new Date().toISOString(),
    names: names ? 'as they are' : 'hidden',
    files: all.map(({ name }) => name),
    leftOut: [...ALWAYS_LEFT_OUT, ...leftOut],
  };
  return [json('about.json', about), ...all];
}

const ALWAYS_LEFT_OUT = [
  'secrets, keys, passwords and tokens',
  'what people and claws say to each other, settings of claws, labels, logs of claws',
  'people: names, e-mail addresses, sessions, audit',
];

/** The logs of the platform speak of every tenant; they go only with the one that is alone here. */
async function readLogs({ config, systemPool }: BundleDeps, tenantId: string): Promise<{ logs: ReturnType<typeof tailLogs>; leftOut: string[] }> {
  const { rows } = await systemPool.query<{ shared: boolean }>('SELECT EXISTS (SELECT 1 FROM instance WHERE tenant_id <> $1) AS shared', [tenantId]);
  if (rows[0]?.shared) return { logs: [], leftOut: ['logs of the platform, because other tenants work here too'] };
  if (!config.CLAWLOOPS_DATA_DIR) return { logs: [], leftOut: ['logs of the platform, because they are not kept where the API could read them'] };
  const logs = tailLogs(join(config.CLAWLOOPS_DATA_DIR, 'logs'));
  return { logs, leftOut: logs.flatMap(({ name, leftOut }) => (leftOut > 0 ? [`${leftOut} lines of logs/${name} that repeat what was written`] : [])) };
}

function settings(config: BundleConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, OPEN_SETTINGS.has(name) ? value : value === undefined ? 'not set' : 'set']));
}

const compress = promisify(gzip);

/** The files as a tar.gz, all in one folder. */
export async function packBundle(folder: string, files: readonly BundleFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, text } of files) tar.entry({ name: `${folder}/${name}`, mode: 0o600 }, text);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return compress(Buffer.concat(chunks));
}
