import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import type { RealtimeMessage } from '../../workflows/contracts/events.ts';
import { type ApiWorld, addStranger, FOUNDER, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { join } from '../testing/people.ts';
import { createRealtimeGateway, type SubscribeAnswer } from './gateway.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;
const open: Socket[] = [];

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  tenantId = (await world.call('GET /me', undefined, { key })).body.tenant.id;
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

afterAll(() => world.close());

/** A connection, or the reason why there is none. */
function connect(options: { token?: string; headers?: Record<string, string>; url?: string }): Promise<Socket | string> {
  const socket = io(options.url ?? world.api.url, {
    path: '/realtime',
    reconnection: false,
    forceNew: true,
    auth: { token: options.token },
    extraHeaders: options.headers ?? {},
  });
  open.push(socket);
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(socket));
    socket.on('connect_error', (error) => resolve(error.message));
  });
}

async function listener(token: string, rooms: string[], url?: string): Promise<RealtimeMessage[]> {
  const socket = await connect({ token, ...(url ? { url } : {}) });
  if (typeof socket === 'string') throw new Error(socket);
  const heard: RealtimeMessage[] = [];
  socket.on('message', (message: RealtimeMessage) => heard.push(message));
  for (const room of rooms) expect(await subscribe(socket, room)).toEqual({ ok: true });
  return heard;
}

function subscribe(socket: Socket, room: unknown): Promise<SubscribeAnswer> {
  return socket.emitWithAck('subscribe', { room });
}

async function create(name: string, projectId?: string) {
  return (await world.call('POST /instances', { name, projectId, resources: { cpu: '10m', memory: '64Mi' } }, { key })).body;
}

it('tells the rooms of a tenant, an instance and an operation what changed, by ids only', async () => {
  const tenantRoom = await listener(key, [`tenant:${tenantId}`]);
  const { instance, operation } = await create('told');
  await expect
    .poll(() => tenantRoom.map(({ type, id }) => `${type} ${id}`))
    .toEqual(expect.arrayContaining([`operation.updated ${operation.id}`, `instance.updated ${instance.id}`]));
  expect(Object.keys(tenantRoom[0]!).sort()).toEqual(['at', 'id', 'seq', 'tenantId', 'type']);
  const ownRooms = await listener(key, [`instance:${instance.id}`, `operation:${operation.id}`]);
  await create('another');
  await world.call(`POST /instances/${instance.id}/kill`, undefined, { key });
  await expect.poll(() => ownRooms.map(({ type }) => type)).toEqual(expect.arrayContaining(['instance.updated', 'operation.updated']));
  expect(ownRooms.filter(({ type, id }) => type === 'instance.updated' && id !== instance.id)).toEqual([]);
});

it('reaches listeners of another API process, once', async () => {
  const second = await world.second();
  const here = await listener(key, [`tenant:${tenantId}`]);
  const there = await listener(key, [`tenant:${tenantId}`], second.url);
  const { instance } = await create('everywhere');
  const of = (heard: RealtimeMessage[]) => heard.filter(({ type, id }) => type === 'instance.updated' && id === instance.id);
  await expect.poll(() => [of(here).length, of(there).length]).toEqual([1, 1]);
});

it("gives nobody another tenant's room, nor one that is none", async () => {
  const stranger = await addStranger(world);
  const { instance, operation } = await create('secret');
  const socket = await connect({ token: stranger.key });
  if (typeof socket === 'string') throw new Error(socket);
  for (const room of [`tenant:${tenantId}`, `instance:${instance.id}`, `operation:${operation.id}`, 'tenant:', 'everything', '', null, { a: 1 }]) {
    expect(await subscribe(socket, room), String(room)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  }
  expect(await subscribe(socket, `tenant:${stranger.tenantId}`)).toEqual({ ok: true });
});

it('tells a member what happens in their project and to their own claw, and nothing of any other, until the grant ends', async () => {
  const project = async (name: string): Promise<string> => (await world.call('POST /projects', { name }, { key })).body.id;
  const [granted, closed] = [await project('granted'), await project('closed')];
  const member = await join(world, key, 'narrow@example.com', 'member', [{ projectId: granted, role: 'viewer' }]);
  const { secret } = (await member.call('POST /api-keys', { name: 'narrow' })).body;
  const socket = await connect({ token: secret });
  if (typeof socket === 'string') throw new Error(socket);
  const heard: RealtimeMessage[] = [];
  socket.on('message', (message: RealtimeMessage) => heard.push(message));
  expect(await subscribe(socket, `tenant:${tenantId}`)).toEqual({ ok: true });
  const hidden = await create('hidden', closed);
  const named = [
    `instance:${hidden.instance.id}`,
    `operation:${hidden.operation.id}`,
    `project:${closed}`,
    `project:${granted}`,
    `person:${tenantId}:${member.userId}`,
  ];
  for (const room of named) expect(await subscribe(socket, room), room).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  const own = await create('own', closed);
  await world.rows('UPDATE instance SET owner_id = $2 WHERE id = $1', [own.instance.id, member.userId]);
  await world.call(`POST /instances/${own.instance.id}/kill`, undefined, { key });
  await world.call(`POST /instances/${hidden.instance.id}/kill`, undefined, { key });
  // Whoever hears the last of these would have heard all that was said before.
  const shown = await create('shown', granted);
  await expect.poll(() => heard.map(({ id }) => id)).toContain(shown.instance.id);
  expect(heard.map(({ id }) => id)).toContain(own.instance.id);
  expect(heard.filter(({ id }) => id === hidden.instance.id || id === hidden.operation.id)).toEqual([]);
  await world.call(`DELETE /projects/${granted}/grants/${member.userId}`, undefined, { key });
  await expect.poll(() => socket.connected).toBe(false);
  const again = await connect({ token: secret });
  if (typeof again === 'string') throw new Error(again);
  expect(await subscribe(again, `instance:${shown.instance.id}`)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
});

it('lets in nobody without a good key, nor a cookie from another site', async () => {
  expect(await connect({})).toBe('You are not signed in.');
  expect(await connect({ token: 'clp_nonsense' })).toContain('no API key');
  const signedIn = await fetch(`${world.api.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:4310' },
    body: JSON.stringify({ email: FOUNDER.email, password: FOUNDER.password }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  expect(await connect({ headers: { cookie, origin: 'https://evil.example' } })).toContain('portal');
  expect(await connect({ headers: { cookie } })).toContain('portal');
  expect(typeof (await connect({ headers: { cookie, origin: 'http://localhost:4310' } }))).toBe('object');
});

it('refuses a WebSocket of an instance to those who may not have it, with a problem document', async () => {
  const { instance } = await create('streamed');
  const viewer = await addStranger(world, 'viewer', ['read', 'write'], tenantId);
  const stranger = await addStranger(world);
  const status = (token: string | null, part: string, query = '') =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`${world.api.url.replace('http', 'ws')}/api/v1/instances/${instance.id}/${part}${query}`, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
      });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('open', () => {
        socket.close();
        resolve(101);
      });
      socket.on('error', reject);
    });
  expect(await status(null, 'stream')).toBe(401);
  expect(await status(stranger.key, 'stream')).toBe(404);
  expect(await status(viewer.key, 'stream')).toBe(403);
  expect(await status(viewer.key, 'logs/stream')).toBe(101);
  expect(await status(key, 'stream')).toBe(101);
  expect(await status(key, 'nonsense')).toBe(404);
  expect(await status(key, 'logs/stream', '?tail=zero')).toBe(422);
});

it('answers a chat with a claw that does not run in words, and a line that is none too', async () => {
  const { instance } = await create('asleep');
  const socket = new WebSocket(`${world.api.url.replace('http', 'ws')}/api/v1/instances/${instance.id}/stream`, {
    headers: { authorization: `Bearer ${key}` },
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  const heard: any[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send('nonsense');
  await expect.poll(() => heard).toMatchObject([{ seq: 0, type: 'error', error: { code: 'MALFORMED_REQUEST' } }]);
  socket.send(JSON.stringify({ type: 'message', text: 'hello', colour: 'red' }));
  await expect.poll(() => heard[1]).toMatchObject({ seq: 0, type: 'error', error: { code: 'VALIDATION_FAILED' } });
  socket.send(JSON.stringify({ type: 'message', text: 'hello' }));
  await expect
    .poll(() => heard.slice(2))
    .toMatchObject([
      { seq: 1, type: 'error', error: { code: 'GATEWAY_UNAVAILABLE', message: 'The claw is Creating.' } },
      { seq: 2, type: 'done' },
    ]);
  socket.close();
});

it('drops a listener whose key was revoked', async () => {
  const server = createServer();
  const gateway = createRealtimeGateway({ ...world.deps, io: new Server(server, { path: '/realtime' }), recheckMilliseconds: 50 });
  const port = await listenOnLoopback(server);
  const { apiKey, secret } = (await world.call('POST /api-keys', { name: 'short' }, { key })).body;
  const socket = await connect({ token: secret, url: `http://127.0.0.1:${port}` });
  if (typeof socket === 'string') throw new Error(socket);
  const ended = new Promise((resolve) => socket.on('disconnect', resolve));
  await world.call(`DELETE /api-keys/${apiKey.id}`, undefined, { key });
  expect(await ended).toBe('io server disconnect');
  gateway.close();
  server.close();
});

it('lets a request that waits finish when the API stops', async () => {
  const second = await world.second();
  const waiting = fetch(`${second.url}/api/v1/instances?wait=60s`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'held', resources: { cpu: '10m', memory: '64Mi' } }),
  });
  await expect.poll(() => world.rows("SELECT id FROM instance WHERE name = 'held'")).toHaveLength(1);
  await second.close();
  expect((await waiting).status).toBe(202);
});

it('tells sockets why they end when the API stops', async () => {
  const second = await world.second();
  const { instance } = await create('ending');
  const socket = new WebSocket(`${second.url.replace('http', 'ws')}/api/v1/instances/${instance.id}/stream`, { headers: { authorization: `Bearer ${key}` } });
  await new Promise((resolve) => socket.on('open', resolve));
  const ended = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
  await second.close();
  expect(await ended).toEqual({ code: 1001, reason: 'The server is being restarted.' });
});
