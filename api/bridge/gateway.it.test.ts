import { randomBytes } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';
import { io as dial, type Socket } from 'socket.io-client';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newId, newSecret, newSlug, secretHash } from '../../activities/platform/ids.ts';
import { createLogger } from '../../activities/platform/logger.ts';
import { createSecretBox } from '../../activities/platform/secrets.ts';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { openPool } from '../../prisma/client.ts';
import { seed } from '../../prisma/seed.ts';
import { type ApiToBridge, BRIDGE_NAMESPACE, BRIDGE_SOCKET_PATH, type BridgeHello, type BridgeToApi } from '../../workflows/contracts/bridge-protocol.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import { type BridgeGateway, createBridgeGateway } from './gateway.ts';
import { sweepSilentHosts } from './host-presence.ts';
import { internalRoutes } from './internal-routes.ts';

type Bridge = Socket<ApiToBridge, BridgeToApi>;

const hostToken = newSecret();
const serviceToken = newSecret();
const hello: BridgeHello = {
  info: {
    hostname: 'suite',
    platform: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 2 ** 32,
    diskFreeBytes: 2 ** 40,
    bridgeVersion: '1',
    nodeVersion: '24.0.0',
    isolation: 'uid',
    limits: { memory: true, cpu: true, reason: null },
    ports: { base: 20_000, perSlot: 5, slots: 10 },
  },
  generations: {},
};

let database: TestDatabase;
let owner: pg.Client;
let pool: pg.Pool;
let server: HttpServer;
let io: Server;
let gateway: BridgeGateway;
let app: express.Express;
let hostId: string;
let url: string;
const open: Bridge[] = [];

beforeAll(async () => {
  database = await testDatabase();
  await seed({ ownerUrl: database.ownerUrl, hostToken, hostName: 'suite', setupCode: newSecret() });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  hostId = (await rows<{ id: string }>('SELECT id FROM host')).at(0)?.id ?? '';
  pool = openPool({ url: database.systemUrl });
  app = express();
  server = createServer(app);
  io = new Server(server, { path: BRIDGE_SOCKET_PATH });
  const secrets = createSecretBox({ current: 'k', keys: new Map([['k', new Uint8Array(randomBytes(32))]]) });
  gateway = createBridgeGateway({ io, systemPool: pool, secrets, logger: createLogger({ name: 'suite', level: 'fatal' }) });
  app.use(internalRoutes(gateway, serviceToken));
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.disconnect();
  await expect.poll(connected).toBe(false);
});
afterAll(async () => {
  await gateway.close();
  await io.close();
  await pool.end();
  await owner.end();
  await database.drop();
});

async function rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await owner.query<T>(sql, values)).rows;
}

async function connected(): Promise<boolean | undefined> {
  return (await rows<{ connected: boolean }>('SELECT connected FROM host WHERE id = $1', [hostId]))[0]?.connected;
}

function bridge(token: string): Bridge {
  const socket: Bridge = dial(`${url}${BRIDGE_NAMESPACE}`, {
    path: BRIDGE_SOCKET_PATH,
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    reconnection: false,
  });
  open.push(socket);
  return socket;
}

async function greeted(): Promise<{ socket: Bridge; answer: Awaited<ReturnType<typeof greet>> }> {
  const socket = bridge(hostToken);
  return { socket, answer: await greet(socket) };
}

function greet(socket: Bridge, generations: Readonly<Record<string, number>> = {}) {
  return socket.emitWithAck('hello', { ...hello, generations });
}

async function instance(onHost = hostId): Promise<string> {
  const id = newId(IdPrefix.instance);
  await owner.query(
    `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, created_by, last_updated_by)
     SELECT $1, p.tenant_id, p.id, $2, $2, 'light', '1', $3, '{}', 'usr_x', 'usr_x' FROM project p LIMIT 1`,
    [id, newSlug('bot'), onHost],
  );
  return id;
}

function fact(instanceId: string, seq: number): WorkloadFact {
  return {
    instanceId,
    seq,
    generation: 1,
    phase: 'running',
    pid: 1,
    startedAt: new Date().toISOString(),
    ready: true,
    live: true,
    exitCode: null,
    signal: null,
    restarts: 0,
    nextStartAt: null,
    filesHash: null,
    error: null,
    at: new Date().toISOString(),
  };
}

const storedFor = async (instanceId: string): Promise<string[]> =>
  (await rows<{ seq: string }>('SELECT seq FROM host_fact WHERE instance_id = $1 ORDER BY id', [instanceId])).map(({ seq }) => seq);

test('a bridge with a wrong token, with none, or with something else is not let in', async () => {
  for (const token of ['wrong', '', null as unknown as string, { $ne: '' } as unknown as string]) {
    const socket = bridge(token);
    const reason = await new Promise<string>((resolve) => socket.once('connect_error', (error) => resolve(error.message)));
    expect(reason).toBe('the host token is not valid');
  }
});

test('a bridge that greets is shown as connected with what it says of its machine, and every tenant is told', async () => {
  const before = (await rows<{ seq: string }>('SELECT coalesce(max(seq), 0) AS seq FROM outbox'))[0]?.seq;
  const { answer } = await greeted();
  expect(answer).toMatchObject({ ok: true, hostId, delta: { upsert: [], remove: [] } });
  expect(await connected()).toBe(true);
  expect(await rows('SELECT info FROM host WHERE id = $1', [hostId])).toEqual([{ info: hello.info }]);
  const events = await rows<{ type: string; subject: string }>("SELECT payload->>'type' AS type, payload->>'subject' AS subject FROM outbox WHERE seq > $1", [
    before,
  ]);
  expect(events).toContainEqual({ type: 'host.updated', subject: hostId });
});

test('a bridge is told to end the claw of an instance that is to run nowhere', async () => {
  const socket = bridge(hostToken);
  const idle = await instance();
  expect(await greet(socket, { [idle]: 3 })).toMatchObject({ delta: { remove: [idle] } });
});

test('a claw that no instance was ever made for runs on, is listed with its host and keeps its slot', async () => {
  const socket = bridge(hostToken);
  const stranger = { instanceId: newId(IdPrefix.instance), tenantId: newId(IdPrefix.tenant), slug: 'made-later', slot: 0 };
  const answer = await socket.emitWithAck('hello', { ...hello, generations: { [stranger.instanceId]: 3 }, claws: [stranger] });
  expect(answer).toMatchObject({ ok: true, delta: { remove: [] } });
  expect(await rows('SELECT unknown_claws FROM host WHERE id = $1', [hostId])).toEqual([{ unknown_claws: [stranger] }]);
  const claw = await instance();
  const [slot] = await rows<{ slot: number }>('SELECT reserve_host_slot($1, $2, (SELECT tenant_id FROM instance WHERE id = $2), 100, 1000) AS slot', [
    hostId,
    claw,
  ]);
  expect(slot).toEqual({ slot: 1 });
  await greeted();
  expect(await rows('SELECT unknown_claws FROM host WHERE id = $1', [hostId])).toEqual([{ unknown_claws: [] }]);
});

test('a newer session of a host replaces the older one and the host stays connected', async () => {
  const first = await greeted();
  const gone = new Promise((resolve) => first.socket.once('disconnect', resolve));
  await greeted();
  await gone;
  expect(await connected()).toBe(true);
});

test('a fact is kept once, however often it is sent', async () => {
  const { socket } = await greeted();
  const id = await instance();
  expect(await socket.emitWithAck('fact', [fact(id, 11), fact(id, 12)])).toEqual({ ok: true });
  expect(await socket.emitWithAck('fact', [fact(id, 12), fact(id, 13)])).toEqual({ ok: true });
  expect(await storedFor(id)).toEqual(['11', '12', '13']);
});

test('a bridge speaks only for instances of its own host, and only in facts', async () => {
  const { socket } = await greeted();
  const other = newId(IdPrefix.host);
  await owner.query("INSERT INTO host (id, tenant_id, name, token_hash) VALUES ($1, NULL, 'other', $2)", [other, secretHash(newSecret())]);
  const [foreign, own] = [await instance(other), await instance()];
  const junk = [
    { ...fact(own, 22), phase: 'exploded' },
    { ...fact(own, 23), error: { code: 'NO_SUCH_CODE', message: '' } },
    'text',
    null,
  ] as unknown as WorkloadFact[];
  expect(await socket.emitWithAck('fact', [fact(foreign, 20), fact('ins_none', 21), ...junk, fact(own, 24)])).toEqual({ ok: true });
  expect([await storedFor(foreign), await storedFor('ins_none'), await storedFor(own)]).toEqual([[], [], ['24']]);
});

test('a fact whose sentence no database could keep is kept all the same, and holds none back', async () => {
  const { socket } = await greeted();
  const id = await instance();
  const message = `\0${'\ud83e\udd80'.repeat(3_000)}`.slice(0, 5_000);
  const broken: WorkloadFact = { ...fact(id, 31), error: { code: 'INTERNAL', message } };
  const half: WorkloadFact = { ...fact(id, 32), error: { code: 'INTERNAL', message: 'cut \ud83e' } };
  expect(await socket.emitWithAck('fact', [broken, half, fact(id, 33)])).toEqual({ ok: true });
  const kept = await rows<{ seq: string; message: string | null }>(
    "SELECT seq, fact->'error'->>'message' AS message FROM host_fact WHERE seq > 30 ORDER BY seq",
  );
  expect(kept.map(({ seq }) => seq)).toEqual(['31', '32', '33']);
  expect(kept.map(({ message: sentence }) => sentence?.length ?? 0)).toEqual([4_000, 5, 0]);
});

test('a bridge that says what is none of its messages loses its connection, and nobody else anything', async () => {
  const wrong: unknown[][] = [
    ['hello'],
    ['hello', null, () => undefined],
    ['hello', { ...hello, info: { ...hello.info, memoryBytes: 'much' } }, () => undefined],
    ['host-info', { ...hello.info, ports: { base: 1, perSlot: 1, slots: 1e12 } }, () => undefined],
    ['fact', [], 'no function'],
    ['stream-data', null, () => undefined],
    ['stream-data', { streamId: 'x', data: 7 }, () => undefined],
    ['stream-end'],
  ];
  for (const packet of wrong) {
    const socket = bridge(hostToken);
    const ended = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    (socket as unknown as { emit(...packet: unknown[]): void }).emit(...packet);
    expect(await ended, String(packet[0])).toBe('io server disconnect');
  }
  expect((await greeted()).answer).toMatchObject({ ok: true });
});

test('a host whose API process died without a word is shown as gone after a while', async () => {
  const seenSeconds = (ago: number) =>
    owner.query("UPDATE host SET connected = true, last_seen_at = now() - $2 * interval '1 second' WHERE id = $1", [hostId, ago]);
  await seenSeconds(0);
  await sweepSilentHosts(pool, 30);
  expect(await connected()).toBe(true);
  await seenSeconds(1200);
  await sweepSilentHosts(pool, 600);
  expect(await connected()).toBe(false);
});

test('the internal routes are for the worker alone, and say what is wrong with a request', async () => {
  const path = `/internal/hosts/${hostId}/prepare`;
  const runtime = { type: 'light', version: '1', install: null, node: null };
  expect((await request(app).post(path).send({ runtime })).status).toBe(401);
  expect((await request(app).post(path).set('authorization', 'Bearer wrong').send({ runtime })).status).toBe(401);
  const asWorker = (body: unknown, to = path) =>
    request(app)
      .post(to)
      .set('authorization', `Bearer ${serviceToken}`)
      .send(body as object);
  expect((await asWorker({ runtime })).body).toMatchObject({ code: 'HOST_OFFLINE', status: 503 });
  expect((await asWorker({ runtime: { ...runtime, more: 1 } })).body).toMatchObject({ code: 'VALIDATION_FAILED' });
  expect((await asWorker({}, '/internal/hosts/x/nothing')).body).toMatchObject({ code: 'NOT_FOUND' });
});

test('what the bridge answers reaches the worker: success, a failure with its code, and the loss of the bridge', async () => {
  const { socket } = await greeted();
  const runtime = { type: 'light', version: '1', install: null, node: null };
  const prepare = () => request(app).post(`/internal/hosts/${hostId}/prepare`).set('authorization', `Bearer ${serviceToken}`).send({ runtime });
  socket.once('prepare', (_request, ack) => ack({ ok: true }));
  expect((await prepare()).status).toBe(200);
  socket.once('prepare', (_request, ack) => ack({ ok: false, error: { code: 'IMAGE_PULL_FAILED', message: 'no such version' } }));
  expect((await prepare()).body).toMatchObject({ code: 'IMAGE_PULL_FAILED', detail: 'no such version' });
  socket.once('prepare', () => void socket.disconnect());
  expect((await prepare()).body).toMatchObject({ code: 'HOST_OFFLINE' });
});
