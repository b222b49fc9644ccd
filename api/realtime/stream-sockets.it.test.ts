import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { Action } from '../http/authorize.ts';
import { instancePolicy } from '../instances/instance.policy.ts';
import { type ApiWorld, openApiWorld, setUp } from '../testing/api-world.ts';
import { createStreamSockets, type StreamSockets } from './stream-sockets.ts';

let world: ApiWorld;
let key: string;
let server: Server;
let streams: StreamSockets;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  streams = createStreamSockets({
    database: world.deps.database,
    authenticator: world.deps.authenticator,
    logger: world.deps.logger,
    recheckMilliseconds: 20,
    routes: [
      { path: 'stream', right: { action: Action.use, policy: instancePolicy }, query: z.strictObject({}), check: async () => undefined, open: () => undefined },
    ],
  });
  server = createServer();
  server.on('upgrade', (request, socket, head) => streams.handle(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  streams.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

function open(secret: string): Promise<WebSocket> {
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/instances/ins_${'0'.repeat(20)}/stream`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${secret}` } });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

it('a stream ends when the key that opened it is revoked, and no other does', async () => {
  const made = await world.call('POST /api-keys', { name: 'short' }, { key });
  const [doomed, other] = await Promise.all([open(made.body.secret), open(key)]);
  const ended = new Promise<number>((resolve) => doomed.once('close', resolve));
  await world.call(`DELETE /api-keys/${made.body.apiKey.id}`, undefined, { key });
  expect(await ended).toBe(1008);
  // Looked at in the same round, and answers still.
  other.ping();
  await new Promise((resolve) => other.once('pong', resolve));
  expect(other.readyState).toBe(WebSocket.OPEN);
  other.close();
});
