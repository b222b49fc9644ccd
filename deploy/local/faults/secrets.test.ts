import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import pg from 'pg';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataKeysOf } from '../../../activities/platform/data-keys.ts';
import { createSecretBox, readKeyRing } from '../../../activities/platform/secrets.ts';
import { createTemporalClient } from '../../../activities/platform/temporal/connection.ts';
import { SEALED_COLUMNS } from '../../../activities/secrets/sealed-columns.ts';
import { chat, eventually, type Fleet, type Instance, instanceInPhase, ok, operationEnd, startFleet } from '../testing/fleet.ts';
import { secretsIn } from '../testing/secret-forms.ts';
import { withDatabase } from '../testing/services.ts';
import { registerEcho, runningEcho } from './echo-claw.ts';
import { survey } from './survey.ts';

/** Where a secret has to lie to be of use, each with the reason. Everything else in the data folder is searched. */
const ITS_PLACE: readonly RegExp[] = [
  /^(secrets\.json|keys\.json|host-token)$/, // the files that hold the secrets of the platform, mode 0600
  /^claws\/claws\//, // what a claw needs to reach its model
  /^claws\/state\//, // with what the bridge starts a claw again while nobody else is there
  /^claws\/[^/]+$/, // what the bridge of this machine knows of itself, its token among it
];

const FRAME_BYTES = 2 ** 26;

let fleet: Fleet;
let claw: Instance;
/** What went over sockets of the portal since the beginning. */
const traffic: string[] = [];
const planted: Record<string, string> = { providerKey: `sk-proj-${crypto.randomUUID()}`, wrongKey: `sk-proj-${crypto.randomUUID()}` };
let closeSocket: () => void = () => undefined;

beforeAll(async () => {
  fleet = await startFleet();
  const { platform, apiKey, admin } = fleet;
  plantAll('platform', JSON.parse(readFileSync(join(platform.dataDir, 'secrets.json'), 'utf8')));
  Object.assign(planted, { apiKey, password: admin.password, setupCode: platform.setupToken ?? '' });
  const socket = io(platform.url, { path: '/realtime', transports: ['websocket'], auth: { token: apiKey }, forceNew: true });
  socket.onAny((...message) => traffic.push(JSON.stringify(message)));
  closeSocket = () => socket.close();
  await socket.emitWithAck('subscribe', { room: `tenant:${fleet.tenantId}` });
  await registerEcho(fleet);
  claw = await runningEcho(fleet, 'keeper');
  const provider = { kind: 'openai' as const, models: ['m'], baseUrl: 'http://127.0.0.1:9/v1' };
  await fleet.api.POST('/providers', { body: { ...provider, name: 'acme', apiKey: planted['providerKey'] ?? '' } });
  await fleet.api.POST('/providers', { body: { ...provider, name: 'acme', apiKey: planted['wrongKey'] ?? '' } });
  const made = ok(await fleet.api.POST('/api-keys', { params: { header: { 'Idempotency-Key': 'one' } }, body: { name: 'canary' } }));
  planted['secondKey'] = made.secret;
  const signedIn = await fetch(`${platform.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: platform.url },
    body: JSON.stringify(admin),
  });
  const cookie = /session_token=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1];
  if (!cookie) throw new Error(`nobody was signed in: ${signedIn.status}`);
  // The database knows the first half of it, which alone signs nobody in.
  planted['session'] = decodeURIComponent(cookie);
  for (const [index, { value }] of (await modelSecrets()).entries()) planted[`modelKey${index}`] = value;
  await chat(fleet, claw.id, 'hello');
  const rotated = ok(await fleet.api.POST('/instances/{id}/rotate-key', { params: { path: { id: claw.id } } }));
  await operationEnd(fleet, rotated.operation.id);
  for (const [index, { value }] of (await modelSecrets()).entries()) planted[`laterModelKey${index}`] = value;
  // The verification of a provider that nobody answers for has said what it had to say.
  await eventually('the provider was judged', 300, async () => ok(await fleet.api.GET('/providers')).items.every(({ state }) => state !== 'verifying'));
});

afterAll(async () => {
  closeSocket();
  await fleet?.close();
});

/** Every text of a file of secrets that is long enough to be one. */
function plantAll(name: string, value: unknown): void {
  if (typeof value === 'string' && value.length >= 20) planted[name] = value;
  else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) plantAll(`${name}.${key}`, inner);
}

/** What the claw is given in secret, as the bridge is told it. */
async function modelSecrets(): Promise<readonly { readonly value: string }[]> {
  const secrets = createSecretBox(dataKeysOf(readKeyRing(join(fleet.platform.dataDir, 'keys.json')), fleet.database));
  const { rows } = await fleet.database.query<{ secrets: string | null }>('SELECT secrets FROM workload WHERE instance_id = $1', [claw.id]);
  return rows[0]?.secrets ? JSON.parse(await secrets.open(rows[0].secrets, `workload/${claw.id}`)) : [];
}

/** Every row of every table of every database, as a dump would have it. */
async function dump(): Promise<Map<string, Buffer>> {
  const { rows: databases } = await fleet.database.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datallowconn');
  const found = new Map<string, Buffer>();
  for (const { name } of databases) {
    const client = new pg.Client({ connectionString: withDatabase(fleet.platform.databaseUrls.superuser, name) });
    await client.connect();
    try {
      const tables = await client.query<{ name: string }>(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
      );
      for (const table of tables.rows) {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table.name} t`);
        found.set(`${name}: ${table.name}`, Buffer.from(rows.map(({ row }) => row).join('\n')));
      }
    } finally {
      await client.end();
    }
  }
  return found;
}

/** Every event of every workflow, as the engine sends it, undecoded. */
async function histories(): Promise<Map<string, Buffer>> {
  const connection = await Connection.connect({ address: fleet.platform.temporalAddress });
  const client = createTemporalClient({ address: fleet.platform.temporalAddress, namespace: 'default', keyRing: { current: 'none', keys: new Map() } });
  const found = new Map<string, Buffer>();
  try {
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { history } = await connection.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: { workflowId, runId } });
      found.set(workflowId, Buffer.from(proto.temporal.api.history.v1.History.encode(history ?? {}).finish()));
    }
  } finally {
    await client.connection.close();
    await connection.close();
  }
  return found;
}

/** Every file of the platform: the database's own with its journal, the object store's, the logs, the workflow engine's. */
function files(folder: string, root = folder): string[] {
  return (present(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (ITS_PLACE.some((place) => place.test(relative(root, path) + (entry.isDirectory() ? '/' : '')))) return [];
    if (entry.isDirectory()) return files(path, root);
    return entry.isFile() && (present(() => statSync(path).size) ?? 0) <= FRAME_BYTES ? [path] : [];
  });
}

/** What there is to read, or null where it was taken away meanwhile: the services work on. */
function present<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function found(all: ReadonlyMap<string, Buffer>): string[] {
  return [...all].flatMap(([where, content]) => secretsIn(content, planted).map((what) => `${what} in ${where}`));
}

describe('secrets that went through a platform', () => {
  test('are many, and the search finds them where they have to be', () => {
    expect(Object.keys(planted).length).toBeGreaterThan(15);
    expect(Object.values(planted).every((secret) => secret.length >= 12)).toBe(true);
    const kept = readFileSync(join(fleet.platform.dataDir, 'secrets.json'));
    expect(secretsIn(kept, planted).length).toBeGreaterThan(8);
  });

  test('are in no row of any database, in whatever form', async () => {
    const tables = await dump();
    expect([...tables.keys()]).toContain('clawloops: public.provider');
    expect(found(tables)).toEqual([]);
  });

  test('are in no history of the workflow engine', async () => {
    const all = await histories();
    expect([...all.keys()].some((id) => id.includes(claw.id))).toBe(true);
    expect(found(all)).toEqual([]);
  });

  test('are in no file but those that are their place: no log, no object, no journal of the database', () => {
    const { dataDir } = fleet.platform;
    const paths = files(dataDir);
    expect(paths.some((path) => path.endsWith('api.log'))).toBe(true);
    const contentOf = (path: string) => present(() => readFileSync(path)) ?? Buffer.alloc(0);
    expect(paths.flatMap((path) => secretsIn(contentOf(path), planted).map((what) => `${what} in ${relative(dataDir, path)}`))).toEqual([]);
  });

  test('did not go over the sockets of the portal', () => {
    expect(traffic.length).toBeGreaterThan(5);
    expect(secretsIn(Buffer.from(traffic.join('\n')), planted)).toEqual([]);
  });

  test('are in no answer, not even to the owner', async () => {
    const answers = new Map<string, Buffer>();
    const about = `/instances/${claw.id}`;
    const paths = ['/me', '/api-keys', '/providers', '/models', '/instances', '/operations', '/events', '/audit', '/audit/export', '/hosts', '/system/health'];
    for (const path of [...paths, about, `${about}/config`, `${about}/operations`, '/system/support-bundle']) {
      const response = await fetch(`${fleet.platform.url}/api/v1${path}`, { headers: { authorization: `Bearer ${fleet.apiKey}` } });
      expect(response.status, path).toBe(200);
      answers.set(path, Buffer.from(await response.arrayBuffer()));
    }
    expect(found(answers)).toEqual([]);
  });
});

describe('a rotation of the keys', () => {
  test('goes on after its worker was killed, and claws work on with what was sealed before', async () => {
    const started = ok(await fleet.api.POST('/system/key-rotations'));
    const rotation = async () => ok(await fleet.api.GET('/system/key-rotations')).items.find(({ id }) => id === started.id);
    await eventually('the new key is made', 180, async () => (await rotation())?.keyId);
    await fleet.platform.part('worker').kill('SIGKILL');
    const ended = await eventually('the rotation has ended', 400, async () => {
      const now = await rotation();
      return now?.state === 'succeeded' ? now : null;
    });
    expect(ended).toMatchObject({ unreadable: 0, resealed: ended.total });
    for (const { table, envelope } of SEALED_COLUMNS) {
      const { rows } = await fleet.database.query<{ kid: string }>(
        `SELECT DISTINCT sealed_with(${envelope}) AS kid FROM ${table} WHERE ${envelope} IS NOT NULL`,
      );
      expect(
        rows.every(({ kid }) => kid === ended.keyId),
        table,
      ).toBe(true);
    }
    const { operation } = ok(await fleet.api.POST('/instances/{id}/restart', { params: { path: { id: claw.id } } }));
    expect((await operationEnd(fleet, operation.id)).state).toBe('succeeded');
    await instanceInPhase(fleet, claw.id, 'Running');
    expect(ok(await fleet.api.GET('/audit/verify')).state).toBe('intact');
    await expect.poll(() => survey(fleet)).toEqual([]);
  });
});
