import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../testing/loopback.ts';
import { scratchFolder } from '../testing/scratch.ts';
import { readJson, writeJson } from './json-file.ts';
import { assignPorts, isPortFree } from './ports.ts';

async function occupy(port: number): Promise<Server> {
  const server = createServer();
  await listenOnLoopback(server, port);
  onTestFinished(() => void server.close());
  return server;
}

test('ports are chosen once and remembered', async () => {
  const file = join(scratchFolder(), 'ports.json');
  const first = await assignPorts(file, ['api', 'postgres']);
  expect(first.api).not.toBe(first.postgres);
  expect(await assignPorts(file, ['postgres', 'api'])).toEqual(first);
  expect(readJson(file)).toEqual(first);
});

test('a remembered port that somebody else took meanwhile is replaced, the others stay', async () => {
  const file = join(scratchFolder(), 'ports.json');
  const first = await assignPorts(file, ['api', 'postgres']);
  await occupy(first.api!);
  const second = await assignPorts(file, ['api', 'postgres']);
  expect(second.api).not.toBe(first.api);
  expect(second.postgres).toBe(first.postgres);
});

test('ports of parts that do not run this time are kept for them', async () => {
  const file = join(scratchFolder(), 'ports.json');
  const first = await assignPorts(file, ['api', 'postgres']);
  await assignPorts(file, ['postgres']);
  expect((await assignPorts(file, ['api'])).api).toBe(first.api);
});

test('a pinned port is taken as it is, and when it is not free the person is told', async () => {
  const file = join(scratchFolder(), 'ports.json');
  const { api } = await assignPorts(file, ['api']);
  await occupy(api!);
  await expect(assignPorts(file, ['api'], { pinned: { api: api! } })).rejects.toThrow(`Port ${api} is taken`);
});

test('a listener on the port is noticed', async () => {
  const { api } = await assignPorts(join(scratchFolder(), 'ports.json'), ['api']);
  expect(await isPortFree(api!)).toBe(true);
  await occupy(api!);
  expect(await isPortFree(api!)).toBe(false);
});

test('what another platform chose and does not listen on yet is left to it, and is free again with its process', async () => {
  const folder = scratchFolder();
  const claims = join(folder, 'claims.json');
  const [one, two] = [join(folder, 'one.json'), join(folder, 'two.json')];
  const { api } = await assignPorts(one, ['api'], { claims });
  writeJson(two, { api });
  expect(await assignPorts(two, ['api'], { claims })).not.toEqual({ api });
  expect(await assignPorts(one, ['api'], { claims })).toEqual({ api });
  const gone = { pid: process.pid, startTime: 'another life' };
  writeJson(claims, { [String(api)]: { holder: gone, file: one } });
  writeJson(two, { api });
  expect(await assignPorts(two, ['api'], { claims })).toEqual({ api });
});
