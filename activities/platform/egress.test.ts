import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { createEgress } from './egress.ts';
import { createLogger } from './logger.ts';
import { createOutboundGuard } from './outbound.ts';

const TOKEN = 'sk-of-the-test';
const AUTHORIZATION = `Basic ${Buffer.from(`litellm:${TOKEN}`).toString('base64')}`;
const PRIVATE = '10.0.0.1';

/** What the name leads to when it is looked up, one answer after the other; the last stays. */
let leadsTo: string[];
let lookups: number;
/** What came to the place that nobody may reach. */
let seen: string[];
let egress: ReturnType<typeof createEgress>;
let port: number;
let provider: ReturnType<typeof createHttpServer>;
let providerPort: number;
let echo: Server;

beforeAll(async () => {
  const resolve = async () => {
    lookups += 1;
    return [leadsTo.length > 1 ? (leadsTo.shift() as string) : (leadsTo[0] ?? '')].filter(Boolean);
  };
  const guard = createOutboundGuard({ allow: ['127.0.0.1'], resolve });
  egress = createEgress({ guard, token: TOKEN, logger: createLogger({ name: 'egress', level: 'fatal' }) });
  port = await listenOnLoopback(egress);
  provider = createHttpServer(async (incoming, response) => {
    seen.push(JSON.stringify(incoming.headers));
    response.writeHead(201, { 'x-provider': 'yes' });
    response.write('it said ');
    response.end(await text(incoming));
  });
  providerPort = await listenOnLoopback(provider);
  echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  leadsTo = ['127.0.0.1'];
  lookups = 0;
  seen = [];
});

afterAll(async () => {
  await Promise.all([closeServer(egress), closeServer(provider), new Promise((resolve) => echo.close(resolve))]);
});

interface Told {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function post(target: string, authorization: string | null = AUTHORIZATION): Promise<Told> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'ignored.example', ...(authorization ? { 'proxy-authorization': authorization } : {}) };
    request({ host: '127.0.0.1', port, method: 'POST', path: target, headers }, async (answer) =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }),
    )
      .on('error', reject)
      .end('hello');
  });
}

/** Asks for a tunnel; answers the first line and the connection. */
function tunnel(target: string, authorization: string = AUTHORIZATION): Promise<{ line: string; socket: Socket }> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\nproxy-authorization: ${authorization}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve({ line: String(data).split('\r\n')[0] ?? '', socket }));
    socket.once('error', reject);
  });
}

test('hands a request on to where its name leads, and the answer back, without what only the proxy should know', async () => {
  expect(await post(`http://models.example.com:${providerPort}/v1`)).toMatchObject({ status: 201, headers: { 'x-provider': 'yes' }, body: 'it said hello' });
  expect(seen.join()).not.toContain('authorization');
});

test('carries whatever is spoken in a tunnel', async () => {
  const { line, socket } = await tunnel(`models.example.com:${(echo.address() as AddressInfo).port}`);
  expect(line).toContain('200');
  const heard = new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write('hello');
  expect(await heard).toBe('hello');
  socket.destroy();
});

test.each([
  ['a name that leads into our own network', 'models.example.com'],
  ['an address of it', PRIVATE],
  ['where clouds tell credentials', '169.254.169.254'],
  ['another way of writing this machine', '[::ffff:127.0.0.2]'],
])('connects to no %s', async (_what, host) => {
  leadsTo = [PRIVATE];
  expect(await post(`http://${host}:${providerPort}/`)).toMatchObject({ status: 403 });
  const { line, socket } = await tunnel(`${host}:${providerPort}`);
  expect(line).toContain('403');
  socket.destroy();
});

test('does not follow a name that led to a provider when it was judged and leads inwards when it is connected to', async () => {
  leadsTo = ['127.0.0.1', PRIVATE];
  expect((await post(`http://models.example.com:${providerPort}/`)).status).toBe(502);
  leadsTo = ['127.0.0.1', PRIVATE];
  const { line, socket } = await tunnel(`models.example.com:${providerPort}`);
  expect(line).toContain('502');
  socket.destroy();
  expect([seen, lookups]).toEqual([[], 4]);
});

test('says that a name leads nowhere, and that nobody is there', async () => {
  leadsTo = [''];
  expect((await post('http://models.example.com/')).status).toBe(502);
  leadsTo = ['127.0.0.1'];
  const { line, socket } = await tunnel('models.example.com:1');
  expect(line).toContain('502');
  socket.destroy();
});

test('is for whoever knows the token, and forwards plain requests to http only', async () => {
  for (const wrong of [null, 'Basic bGl0ZWxsbTp3cm9uZw==', 'Bearer x'])
    expect((await post(`http://models.example.com:${providerPort}/`, wrong)).status).toBe(407);
  const { line, socket } = await tunnel(`models.example.com:${providerPort}`, 'Basic eA==');
  expect(line).toContain('407');
  socket.destroy();
  expect((await post('ftp://models.example.com/')).status).toBe(400);
  expect((await post('/somewhere')).status).toBe(400);
  expect(seen).toEqual([]);
});

test.each(['099 Odd', '000 Odd', '101 Odd', '101 Odd\r\nupgrade: x\r\nconnection: upgrade'])(
  'answers for a provider whose answer begins with %j, and goes on',
  async (head) => {
    const odd = createServer((socket) => void socket.once('data', () => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`)));
    const at = await listenOnLoopback(odd);
    expect(await post(`http://models.example.com:${at}/`)).toMatchObject({ status: 502 });
    await new Promise((resolve) => odd.close(resolve));
    expect(await post(`http://models.example.com:${providerPort}/v1`)).toMatchObject({ status: 201 });
  },
);
