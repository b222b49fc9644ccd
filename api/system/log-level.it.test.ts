import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BRIDGE_NAMESPACE, BRIDGE_SOCKET_PATH } from '../../workflows/contracts/bridge-protocol.ts';
import { type ApiWorld, addStranger, openApiWorld, setUp } from '../testing/api-world.ts';

interface Line {
  readonly level: number | string;
  readonly msg: string;
  readonly requestId?: string;
  readonly url?: string;
}

let world: ApiWorld;
let key: string;
let server: ChildProcess;
const lines: Line[] = [];

/** A process of its own on the database of the world, as `npm run up` starts it. */
function startServer(): ChildProcess {
  const env = Object.entries(world.deps.config).flatMap(([name, value]) => (typeof value === 'object' || value === undefined ? [] : [[name, String(value)]]));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, '../server.ts')], {
    env: { ...process.env, ...Object.fromEntries(env), LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  return child;
}

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  server = startServer();
});

afterAll(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  await world.close();
});

const said = (msg: string) => lines.filter((line) => line.msg === msg);
const order = (body: object, options = { key }) => world.call('PUT /system/log-level', body, options);

/** Asks the process under this request id; 200 is told at debug, 404 at info. */
async function ask(requestId: string, target = '/api/v1/me'): Promise<void> {
  const { url } = await expect
    .poll(() => said('API started')[0])
    .toBeDefined()
    .then(() => said('API started')[0]!);
  await (await fetch(`${url}${target}`, { headers: { authorization: `Bearer ${key}`, 'x-request-id': requestId } })).text();
}

const of = (requestId: string) => lines.filter((line) => line.requestId === requestId);

it('makes a running process tell more, and as much as before when it is told so or the time is over', async () => {
  await ask('quiet-request');
  await ask('quiet-marker', '/nowhere');
  await expect.poll(() => of('quiet-marker').length).toBe(1);
  expect(of('quiet-request')).toEqual([]);

  const { body } = await order({ part: 'api', level: 'debug' });
  expect(body.items).toEqual([{ part: 'api', level: 'debug', until: expect.any(String) }]);
  await expect.poll(() => said('the log level changed').length).toBe(1);
  await ask('told-request');
  await expect.poll(() => of('told-request').length).toBe(1);
  expect((await world.call('GET /system/health', undefined, { key })).body.logLevels).toEqual(body.items);

  await order({ part: 'api', level: 'debug', forSeconds: 1 });
  await expect.poll(() => said('the log level changed').length).toBe(2);
  await ask('later-request');
  await ask('later-marker', '/nowhere');
  await expect.poll(() => of('later-marker').length).toBe(1);
  expect(of('later-request')).toEqual([]);
});

it('reaches the bridges that are connected, and the ones that connect later', async () => {
  const bridge = io(`${world.api.url}${BRIDGE_NAMESPACE}`, { path: BRIDGE_SOCKET_PATH, transports: ['websocket'], auth: { token: world.hostToken } });
  const orders: unknown[] = [];
  try {
    bridge.on('log-level', (told) => orders.push(told));
    // Any order is told again whenever one of another part begins or ends, so that only the newest counts.
    await expect.poll(() => orders.at(-1)).toBeNull();
    await order({ part: 'bridge', level: 'trace', forSeconds: 3600 });
    await expect.poll(() => orders.at(-1)).toMatchObject({ level: 'trace', leftMilliseconds: expect.any(Number) });
    bridge.disconnect();
    orders.length = 0;
    bridge.connect();
    await expect.poll(() => orders.at(-1)).toMatchObject({ level: 'trace' });
    await order({ part: 'bridge', level: 'default' });
    await expect.poll(() => orders.at(-1)).toBeNull();
  } finally {
    bridge.disconnect();
  }
});

it('is for admins, takes only what there is, and stands in the audit', async () => {
  const viewer = await addStranger(world, 'viewer');
  expect((await order({ part: 'api', level: 'debug' }, { key: viewer.key })).status).toBe(403);
  expect((await order({ part: 'database', level: 'debug' })).status).toBe(422);
  expect((await order({ part: 'api', level: 'debug', forSeconds: 90_000 })).status).toBe(422);
  await order({ part: 'worker', level: 'warn', forSeconds: 60 });
  const [entry] = await world.rows("SELECT target, after FROM audit_event WHERE action = 'system.log-level' ORDER BY seq DESC LIMIT 1");
  expect(entry).toEqual({ target: 'worker', after: { level: 'warn', forSeconds: 60 } });
});
