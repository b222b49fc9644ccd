import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as dial, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { BRIDGE_NAMESPACE } from '../../workflows/contracts/bridge-protocol.ts';
import { limitStrangers } from './strangers.ts';

const PATH = '/realtime';
const MUCH = 1024 * 1024;
let server: HttpServer;
let io: Server;
let url: string;
let client: Socket | undefined;
beforeEach(async () => {
  server = createServer();
  io = new Server(server, { path: PATH, maxHttpBufferSize: 16 * MUCH });
  for (const name of ['/', BRIDGE_NAMESPACE]) {
    const namespace = io.of(name);
    namespace.use((socket, next) => (socket.handshake.auth['token'] === 'right' ? next() : next(new Error('who are you'))));
    namespace.on('connection', (socket) => socket.on('say', (text: string, ack: (length: number) => void) => ack(text.length)));
  }
  limitStrangers(server, io, PATH);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  client?.close();
  await io.close();
});

test('a connection that said nothing of itself is cut off when it sends much', async () => {
  const socket = new WebSocket(`ws://${url}${PATH}/?EIO=4&transport=websocket`);
  await new Promise((resolve) => socket.once('message', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.send(`4${'x'.repeat(MUCH)}`);
  expect(await closed).toBe(1006);
  await expect.poll(() => io.engine.clientsCount).toBe(0);
});

test('the same holds for one that asks by polling', async () => {
  const target = `http://${url}${PATH}/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(target)).text()).slice(1)) as { sid: string };
  const answer = await fetch(`${target}&sid=${sid}`, { method: 'POST', body: `4${'x'.repeat(MUCH)}` });
  expect(answer.status).toBe(413);
});

test.each([
  ['a bridge', BRIDGE_NAMESPACE, ['websocket']],
  ['a browser that begins by polling', '/', ['polling', 'websocket']],
])('%s that was accepted may send much', async (_who, namespace, transports) => {
  client = dial(`http://${url}${namespace}`, { path: PATH, transports, auth: { token: 'right' }, reconnection: false });
  const socket = client;
  const upgraded = transports.length > 1 ? new Promise((resolve) => socket.io.once('open', () => socket.io.engine.once('upgrade', resolve))) : null;
  await new Promise((resolve) => socket.once('connect', () => resolve(null)));
  await upgraded;
  for (let times = 0; times < 3; times += 1) expect(await socket.emitWithAck('say', 'x'.repeat(MUCH))).toBe(MUCH);
});
