import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';
import { type BridgeGateway, createBridgeGateway } from '../../../api/bridge/gateway.ts';
import { handleInternalUpgrade, internalRoutes } from '../../../api/bridge/internal-routes.ts';
import { takeInventory } from '../../../bridge/inventory.ts';
import { testDatabase } from '../../../deploy/local/testing/database.ts';
import { freePort, listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';
import { openDatabase, openPool } from '../../../prisma/client.ts';
import { seed } from '../../../prisma/seed.ts';
import { BRIDGE_SOCKET_PATH } from '../../../workflows/contracts/bridge-protocol.ts';
import type { HostInfo } from '../../../workflows/contracts/host.ts';
import { IdPrefix } from '../../../workflows/contracts/ids.ts';
import type { Workload, WorkloadFact } from '../../../workflows/contracts/workload.ts';
import { createBridgeLink } from '../../clients/bridge/bridge-link.ts';
import { newId, newSecret, newSlug, secretHash } from '../../platform/ids.ts';
import { createLogger } from '../../platform/logger.ts';
import { createSecretBox } from '../../platform/secrets.ts';
import { type ContractClaw, type DriverHarness, eventually, json } from '../driver-contract.ts';
import { createHostDriver } from '../host/host-driver.ts';
import { LIGHT_CLAW } from './light-claw.ts';

const REPOSITORY = path.join(import.meta.dirname, '..', '..', '..');
const SETTINGS_FILE = 'config.json';

/** What the tests of this driver alone need besides the suite. */
export interface HostHarness extends DriverHarness {
  readonly dataDir: string;
  /** Connection string of the owner role. */
  readonly ownerUrl: string;
  readonly hostInfo: HostInfo;
  stopAgent(signal: NodeJS.Signals): Promise<void>;
  /** Starts another daemon on the same data folder and answers how it ended. */
  secondDaemon(): Promise<{ exitCode: number | null; output: string }>;
}

/** A real PostgreSQL, a real API server with the gateway, the worker's link over HTTP, and a real bridge process. `uid` runs the bridge as that user. */
export async function openHostHarness({ uid }: { readonly uid?: number } = {}): Promise<HostHarness> {
  const database = await testDatabase();
  const hostToken = newSecret();
  await seed({ ownerUrl: database.ownerUrl, hostToken, hostName: 'suite', setupCode: newSecret() });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const scratch = makeScratch(uid);
  const tokenFile = path.join(scratch, 'token');
  writeFileSync(tokenFile, hostToken, { mode: 0o600 });
  const home = uid === undefined ? {} : makeHome(scratch, uid);
  if (uid !== undefined) chownSync(tokenFile, uid, uid);
  const dataDir = path.join(scratch, 'bridge');
  const secrets = createSecretBox({ current: 'suite', keys: new Map([['suite', new Uint8Array(randomBytes(32))]]) });
  const serviceToken = newSecret();
  const controlPlane = createControlPlane({ systemUrl: database.systemUrl, secrets, serviceToken });
  const port = await freePort();
  await controlPlane.start(port);
  const app = openDatabase({ url: database.appUrl, maxConnections: 4 });
  const driver = createHostDriver({ database: app, secrets, link: createBridgeLink({ apiUrl: `http://127.0.0.1:${port}`, serviceToken }) });
  const { rows } = await owner.query<{ host: string; tenant: string; project: string }>(
    'SELECT h.id AS host, p.tenant_id AS tenant, p.id AS project FROM host h CROSS JOIN project p WHERE h.token_hash = $1',
    [secretHash(hostToken)],
  );
  const place = rows[0] as { host: string; tenant: string; project: string };
  const folders = { BRIDGE_TOKEN_FILE: tokenFile, BRIDGE_DATA_DIR: dataDir, BRIDGE_RUNTIMES_DIR: path.join(scratch, 'runtimes') };
  const agent = createAgent({ ...home, ...folders, BRIDGE_API_URL: `http://127.0.0.1:${port}` }, uid);
  const connected = (wanted: boolean) =>
    eventually(async () => {
      const answer = await owner.query<{ connected: boolean; info: HostInfo }>('SELECT connected, info FROM host WHERE id = $1', [place.host]);
      return answer.rows[0]?.connected === wanted ? (answer.rows[0].info ?? null) : null;
    });
  agent.start();
  const hostInfo = await connected(true);
  let slots = 0;
  const stopAgent = async (signal: NodeJS.Signals): Promise<void> => {
    await agent.stop(signal);
    await connected(false);
  };
  return {
    driver,
    hostId: place.host,
    dataDir,
    ownerUrl: database.ownerUrl,
    hostInfo,
    claw: async (name, options = {}) => {
      const slot = slots++;
      const workload = lightWorkload(name, slot, place.tenant, hostInfo, options);
      await insertInstance(owner, workload, place);
      return contractClaw(workload, place.host, dataDir, owner);
    },
    withSettings,
    killAgent: () => stopAgent('SIGKILL'),
    stopAgent,
    secondDaemon: () => agent.second(),
    startAgent: async () => {
      agent.start();
      await connected(true);
    },
    stopControlPlane: async () => {
      await controlPlane.stop();
      await connected(false);
    },
    startControlPlane: async () => {
      await controlPlane.start(port);
      await connected(true);
    },
    close: async () => {
      await agent.stop('SIGINT');
      await controlPlane.stop();
      await app.close();
      await owner.end();
      await database.drop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Claws of other uids pass through it. */
function makeScratch(uid: number | undefined): string {
  const scratch = mkdtempSync(path.join(tmpdir(), 'clawloops-bridge-'));
  chmodSync(scratch, 0o711);
  if (uid !== undefined) chownSync(scratch, uid, uid);
  return scratch;
}

/** A home for another user with this one's settings of npm, because the home of this one is closed to it. */
function makeHome(scratch: string, uid: number): Record<string, string> {
  const home = path.join(scratch, 'home');
  mkdirSync(home);
  const settings = path.join(homedir(), '.npmrc');
  if (existsSync(settings)) {
    copyFileSync(settings, path.join(home, '.npmrc'));
    chownSync(path.join(home, '.npmrc'), uid, uid);
  }
  chownSync(home, uid, uid);
  // npm itself puts these into the environment of what it runs, and they win over the home.
  return { HOME: home, npm_config_userconfig: path.join(home, '.npmrc'), npm_config_cache: path.join(home, '.npm') };
}

function createControlPlane({ systemUrl, secrets, serviceToken }: { systemUrl: string; secrets: ReturnType<typeof createSecretBox>; serviceToken: string }) {
  let running: { server: HttpServer; io: Server; gateway: BridgeGateway; pool: pg.Pool } | null = null;
  return {
    start: async (port: number): Promise<void> => {
      const app = express();
      const server = createServer(app);
      const io = new Server({ path: BRIDGE_SOCKET_PATH, serveClient: false });
      io.attach(server);
      const pool = openPool({ url: systemUrl, maxConnections: 4 });
      const gateway = createBridgeGateway({ io, systemPool: pool, secrets, logger: createLogger({ name: 'suite', level: 'fatal' }) });
      app.use(internalRoutes(gateway, serviceToken));
      const upgrade = handleInternalUpgrade(gateway, serviceToken);
      server.on('upgrade', (request, socket, head) => upgrade(request, socket, head));
      await listenOnLoopback(server, port);
      running = { server, io, gateway, pool };
    },
    stop: async (): Promise<void> => {
      if (!running) return;
      const { server, io, gateway, pool } = running;
      running = null;
      await gateway.close();
      await io.close();
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}

function createAgent(env: Readonly<Record<string, string>>, uid: number | undefined) {
  let child: ChildProcess | null = null;
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const launch = (output: 'inherit' | 'ignore' | 'pipe'): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(REPOSITORY, 'bridge', 'daemon.ts')], {
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      ...identity,
    });
  return {
    start: (): void => {
      child = launch(process.env.BRIDGE_TEST_LOG ? 'inherit' : 'ignore');
    },
    stop: async (signal: NodeJS.Signals): Promise<void> => {
      const ending = child;
      child = null;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill(signal);
      await ended;
    },
    second: (): Promise<{ exitCode: number | null; output: string }> => {
      const other = launch('pipe');
      let output = '';
      for (const stream of [other.stdout, other.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      return new Promise((resolve) => other.once('close', (exitCode) => resolve({ exitCode, output })));
    },
  };
}

async function insertInstance(owner: pg.Client, workload: Workload, place: { host: string; tenant: string; project: string }): Promise<void> {
  await owner.query(
    `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, created_by, last_updated_by)
     VALUES ($1, $2, $3, $4, $5, 'light', '1', $6, '{}', 'usr_suite', 'usr_suite')`,
    [workload.instanceId, place.tenant, place.project, workload.slug, workload.slug, place.host],
  );
}

function lightWorkload(name: string, slot: number, tenantId: string, host: HostInfo, options: NonNullable<Parameters<DriverHarness['claw']>[1]>): Workload {
  const port = host.ports.base + slot * host.ports.perSlot;
  const base: Workload = {
    instanceId: newId(IdPrefix.instance),
    tenantId,
    slug: newSlug(name),
    slot,
    generation: 1,
    desired: 'running',
    retention: 'retain',
    kill: false,
    runtime: { type: 'light', version: '1', install: null, node: null },
    command: ['node', '${CONFIG_DIR}/app/server.mjs'],
    env: { PORT: String(port), CONFIG_FILE: `\${CONFIG_DIR}/${SETTINGS_FILE}`, ...options.env },
    secretEnv: [{ name: 'LIGHT_SECRET', value: 'opened for the claw alone' }],
    files: [],
    ports: { http: port },
    probes: { live: { type: 'http', port: 'http', path: '/healthz' }, ready: { type: 'http', port: 'http', path: '/readyz' } },
    stop: { signal: 'SIGTERM', graceSeconds: options.graceSeconds ?? 5 },
    resources: { cpuMillis: 1000, memoryBytes: 256 * 2 ** 20 },
    processHash: 'sha256:first',
    restartGeneration: 0,
    filesHash: '',
    reload: 'hot',
  };
  return withSettings(base, options.settings ?? {});
}

function withSettings(workload: Workload, settings: Readonly<Record<string, unknown>>): Workload {
  const files = [
    { path: 'app/server.mjs', mode: '0600', content: LIGHT_CLAW },
    { path: SETTINGS_FILE, mode: '0600', content: JSON.stringify(settings) },
  ];
  return { ...workload, files, filesHash: `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}` };
}

function contractClaw(workload: Workload, hostId: string, dataDir: string, owner: pg.Client): ContractClaw {
  const folder = path.join(dataDir, 'claws', workload.slug);
  let mode = 0;
  return {
    ref: { tenantId: workload.tenantId, hostId, instanceId: workload.instanceId },
    workload,
    slay: (pid) => {
      process.kill(pid, 'SIGKILL');
    },
    breakStorage: () => {
      mode = statSync(folder).mode;
      chmodSync(folder, 0o500);
    },
    repairStorage: () => chmodSync(folder, mode),
    tamper: (file, content) => writeFileSync(path.join(folder, 'config', file), content),
    facts: async () => {
      const stored = await owner.query<{ fact: WorkloadFact }>('SELECT fact FROM host_fact WHERE instance_id = $1 ORDER BY seq', [workload.instanceId]);
      return stored.rows.map(({ fact }) => fact);
    },
    ask: (wanted) => json(wanted, { port: Object.values(workload.ports)[0] as number }),
    leftovers: async () => {
      const { claws } = await takeInventory(dataDir);
      const own = claws.filter((claw) => claw.slug === workload.slug || claw.instanceId === workload.instanceId || claw.slot === workload.slot);
      return own.flatMap((claw) => [
        ...claw.processes.map((pid) => `process ${pid}`),
        ...claw.ports.map((port) => `port ${port}`),
        ...(claw.cgroup ? [`cgroup ${claw.cgroup}`] : []),
        ...(claw.folder ? [`folder ${claw.folder}${claw.retained ? ' retained' : ''}`] : []),
      ]);
    },
  };
}
