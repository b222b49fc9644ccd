import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';
import { Failure, isFailure } from '../../../workflows/contracts/failures.ts';
import { type AppliedConfig, createClawControl, runsFiles } from './claw-control.ts';

const TOKEN = 'token-that-must-not-be-seen';
const SECRET = 'secret-that-must-not-be-seen';
const open: Server[] = [];

/** A gateway that behaves badly in one way; the good ways are shown with the real one. */
async function badGateway(onRequest: RequestListener, onFrame?: (frame: { id: string; method: string }) => unknown): Promise<number> {
  const server = createServer(onRequest);
  if (onFrame) {
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload: {} }));
      socket.on('message', (data) => {
        const answer = onFrame(JSON.parse(String(data)));
        if (answer === 'close') socket.close();
        else if (answer !== undefined) socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
  }
  open.push(server);
  return listenOnLoopback(server);
}

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  return socket;
}

const controlOf = (port: number, timeoutMs = 60_000) => createClawControl({ connect: () => dial(port), token: TOKEN, timeoutMs });

async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isFailure(error)) throw new Error(`a Failure was expected, not ${String(error)}`);
  expect(`${error.message} ${error.stack} ${JSON.stringify(error.details)}`).not.toMatch(/must-not-be-seen/);
  return error;
}

const echoBack: RequestListener = (request, response) => {
  response.writeHead(500).end(`you sent ${request.headers.authorization}`);
};
const never: RequestListener = () => undefined;
const ok = (id: string, payload: object = {}) => ({ type: 'res', id, ok: true, payload });

describe('the control surface of a claw', () => {
  test('a claw that does not listen is unavailable', async () => {
    const port = await badGateway(never);
    for (const server of open.splice(0)) server.close();
    expect(await failureOf(controlOf(port).appliedConfig())).toMatchObject({ code: 'GATEWAY_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') });
    expect((await failureOf(controlOf(port).setSecret('KEY', SECRET))).code).toBe('GATEWAY_UNAVAILABLE');
  });

  test('what the runtime says of a connection it cannot open is passed on', async () => {
    const control = createClawControl({ connect: () => Promise.reject(new Failure('HOST_OFFLINE')), token: TOKEN });
    expect((await failureOf(control.appliedConfig())).code).toBe('HOST_OFFLINE');
    expect((await failureOf(control.setSecret('KEY', SECRET))).code).toBe('HOST_OFFLINE');
  });

  test('a claw that never answers runs into the deadline', async () => {
    const port = await badGateway(never, () => undefined);
    expect((await failureOf(controlOf(port, 50).appliedConfig())).code).toBe('TIMEOUT');
    expect((await failureOf(controlOf(port, 50).setSecret('KEY', SECRET))).code).toBe('TIMEOUT');
  });

  test('a connection that opens after the deadline is closed', async () => {
    const port = await badGateway(never);
    const late = Promise.withResolvers<Socket>();
    const control = createClawControl({ connect: () => late.promise, token: TOKEN, timeoutMs: 20 });
    expect((await failureOf(control.appliedConfig())).code).toBe('TIMEOUT');
    const socket = await dial(port);
    late.resolve(socket);
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  test.each<[string, RequestListener]>([
    ['an error page that repeats the request', echoBack],
    ['no JSON', (_request, response) => void response.end('<html>')],
    ['a refused token', (_request, response) => void response.writeHead(401).end('{}')],
    [
      'a refused method',
      (_request, response) => void response.writeHead(400).end(JSON.stringify({ ok: false, error: { code: 'INVALID_REQUEST', message: TOKEN } })),
    ],
    ['an odd error code', (_request, response) => void response.end(JSON.stringify({ ok: false, error: { code: `leak ${TOKEN}` } }))],
    ['half an answer', (request, response) => void response.writeHead(200, { 'content-length': '50' }).write('{', () => request.socket.destroy())],
  ])('%s over HTTP is a failure without secrets in it', async (_what, listener) => {
    expect((await failureOf(controlOf(await badGateway(listener)).appliedConfig())).code).toBe('GATEWAY_UNAVAILABLE');
  });

  test.each<[string, (frame: { id: string; method: string }) => unknown]>([
    ['a refused token', ({ id }) => ({ type: 'res', id, ok: false, error: { code: 'X', message: TOKEN, details: { code: 'AUTH_TOKEN_MISMATCH' } } })],
    [
      'a missing scope',
      ({ id, method }) => (method === 'connect' ? ok(id) : { type: 'res', id, ok: false, error: { code: 'MISSING_SCOPE', message: SECRET } }),
    ],
    ['a closed connection', ({ method, id }) => (method === 'connect' ? ok(id) : 'close')],
    ['an answer that is none', ({ id }) => ok(id, { ok: false })],
    ['a secret that is stored and not used', ({ id, method }) => ok(id, method === 'connect' ? {} : { ok: true, reloaded: false })],
  ])('%s over WebSocket is a failure without secrets in it', async (_what, onFrame) => {
    expect((await failureOf(controlOf(await badGateway(never, onFrame)).setSecret('KEY', SECRET))).code).toBe('GATEWAY_UNAVAILABLE');
  });

  test('frames that are no JSON and events of no interest are passed over', async () => {
    let frames = 0;
    const port = await badGateway(never, ({ id }) => {
      frames += 1;
      return frames === 1 ? ok(id) : ok(id, { ok: true, reloaded: true });
    });
    await controlOf(port).setSecret('KEY', SECRET);
    expect(frames).toBe(2);
  });

  test('an answer without the expected fields says that nothing is applied', async () => {
    const port = await badGateway((_request, response) => void response.end(JSON.stringify({ ok: true, payload: { skills: 7 } })));
    const applied = await controlOf(port).appliedConfig();
    expect(applied).toEqual({ valid: false, revision: null, configRevisionHash: null, appliedConfigHash: null, issues: [] });
    expect(runsFiles(applied, 'sha256:1')).toBe(false);
  });
});

describe('whether a claw runs what was written', () => {
  const taken: AppliedConfig = { valid: true, revision: 'sha256:1', configRevisionHash: 'a', appliedConfigHash: 'a', issues: [] };

  test('yes when it read these files and runs what it read', () => {
    expect(runsFiles(taken, 'sha256:1')).toBe(true);
  });

  test.each<[string, Partial<AppliedConfig>]>([
    ['it still knows the old files only', { revision: 'sha256:0' }],
    ['it read them and runs others', { appliedConfigHash: 'b' }],
    ['it refused them', { valid: false }],
    ['it says nothing of what it runs', { configRevisionHash: null, appliedConfigHash: null }],
  ])('no when %s', (_what, change) => {
    expect(runsFiles({ ...taken, ...change }, 'sha256:1')).toBe(false);
  });
});
