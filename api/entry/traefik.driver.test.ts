import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryRoot } from '../../deploy/local/platform.ts';
import { ended } from '../../deploy/local/testing/child.ts';
import { eventually } from '../../deploy/local/testing/fleet.ts';
import { freePort } from '../../deploy/local/testing/loopback.ts';
import { resolveTool } from '../../deploy/local/tools/resolve.ts';
import { askHost, ENTRY_TOKEN, type EntryWorld, handOver, heard, openEntryWorld, socketAt } from './testing/entry-world.ts';
import { type SeenClaw, startSeenClaw } from './testing/seen-claw.ts';

let here: EntryWorld;
let claw: SeenClaw;
let traefik: ChildProcess;
let port: number;
let folder: string;

/** The routes of the compose file, in front of an API and a claw of this test. */
beforeAll(async () => {
  const tool = await resolveTool('traefik');
  here = await openEntryWorld();
  claw = await startSeenClaw();
  port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'traefik-'));
  const settings = {
    entryPoints: { web: { address: `127.0.0.1:${port}` } },
    providers: { file: { filename: join(repositoryRoot, 'deploy/compose/routes.yml') } },
    log: { level: 'ERROR' },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
  writeFileSync(join(folder, 'traefik.json'), JSON.stringify(settings));
  const env = { PATH: process.env.PATH, API_URL: here.world.api.url, CLAWS_BACKEND: `http://127.0.0.1:${claw.port}`, CLAWS_DOMAIN: 'localhost', ENTRY_TOKEN };
  traefik = spawn(tool.path, [`--configFile=${join(folder, 'traefik.json')}`], { stdio: ['ignore', 'inherit', 'inherit'], env });
  await eventually('Traefik leads to the API', 60, async () => (await askHost(port, 'portal', '/livez')).status === 200);
});

afterAll(async () => {
  traefik?.kill('SIGKILL');
  if (traefik) await ended(traefik);
  await claw?.close();
  await here?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Comes in by Traefik as the portal's form does. */
async function enter(): Promise<string> {
  const { body } = await here.member.call(`POST /instances/${here.instanceId}/open`, {});
  const { cookie } = await handOver(port, here.host, body.code);
  if (cookie === null) throw new Error('the code was not taken');
  return cookie;
}

const at = (path: string, headers: Record<string, string> = {}) => askHost(port, here.host, path, { headers });

test('whoever is not signed in is led to the portal, and the claw hears nothing of it', async () => {
  const before = claw.seen.length;
  expect(await at('/', { accept: 'text/html' })).toMatchObject({ status: 401, body: expect.stringContaining(`/open/${here.slug}`) });
  expect(claw.seen).toHaveLength(before);
});

test('whoever may use the claw reaches it, and it learns who that is from the entry alone', async () => {
  const cookie = await enter();
  const forged = { 'x-clawloops-user': 'usr_forged', 'x-clawloops-user-x': 'usr_forged', 'x-openclaw-scopes': 'operator.admin', 'x-forwarded-for': '10.0.0.1' };
  const answer = await at('/page', { cookie: `${cookie}; clawloops.session_token=secret`, authorization: 'Bearer secret', ...forged });
  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('GET /page') });
  const told = claw.seen.at(-1)?.headers ?? {};
  expect(told).toMatchObject({ 'x-clawloops-user': here.member.userId, 'x-clawloops-instance': here.instanceId, cookie, 'x-forwarded-host': here.host });
  expect(told['x-forwarded-for']).toBe('127.0.0.1');
  expect(JSON.stringify(told)).not.toMatch(/forged|secret|operator\.admin|proof/i);
});

test('WebSockets pass', async () => {
  const cookie = await enter();
  const socket = await socketAt(port, here.host, { cookie, origin: `http://${here.host}` });
  const answer = heard(socket);
  socket.send('hello');
  expect(await answer).toBe('claw heard hello');
  socket.terminate();
  await expect(socketAt(port, here.host, { origin: `http://${here.host}` })).rejects.toThrow('401');
});

test('whoever may no longer use the claw is refused', async () => {
  const cookie = await enter();
  await here.world.rows("UPDATE membership SET role = 'viewer' WHERE user_id = $1", [here.member.userId]);
  await expect.poll(async () => (await at('/', { cookie })).status).toBe(403);
  await here.world.rows("UPDATE membership SET role = 'operator' WHERE user_id = $1", [here.member.userId]);
});

test('what servers ask of each other is not routed', async () => {
  const proof = { 'x-clawloops-proof': ENTRY_TOKEN, 'x-forwarded-host': here.host };
  expect((await askHost(port, 'portal', '/internal/forward-auth', { headers: proof })).status).toBe(404);
  expect((await askHost(port, 'portal', '/internal/hosts/x/prepare', { method: 'POST' })).status).toBe(404);
});
