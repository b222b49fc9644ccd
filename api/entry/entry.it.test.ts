import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type WebSocket from 'ws';
import { dialLoopback } from '../../activities/adapters/testing/claw-process.ts';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { Action } from '../http/authorize.ts';
import { instancePolicy } from '../instances/instance.policy.ts';
import { FOUNDER } from '../testing/api-world.ts';
import { type Browsing, signedIn } from '../testing/people.ts';
import { frontByHost } from './by-host.ts';
import { clawAddresses } from './claw-addresses.ts';
import { type ClawEntry, type ClawEntryDeps, createClawEntry } from './claw-entry.ts';
import { createEntryGuard } from './entry-guard.ts';
import { askHost, ENTRY_TOKEN, type EntryWorld, handOver, heard, openEntryWorld, PORTAL, setRunning, socketAt } from './testing/entry-world.ts';
import { type SeenClaw, startSeenClaw } from './testing/seen-claw.ts';

let here: EntryWorld;
let claw: SeenClaw;
let entry: ClawEntry;
let server: Server;
let port: number;

beforeAll(async () => {
  here = await openEntryWorld();
  claw = await startSeenClaw();
  ({ entry, server, port } = await openEntry({ recheckMilliseconds: 50 }));
});

afterAll(async () => {
  entry?.close();
  await closeServer(server);
  await claw?.close();
  await here?.close();
});

/** The entry of this installation, in front of the one claw. */
async function openEntry(options: Pick<ClawEntryDeps, 'recheckMilliseconds' | 'silenceMilliseconds'>) {
  const { database, registry, catalog, logger } = here.world.deps;
  const addresses = clawAddresses({ publicUrl: PORTAL })!;
  const driver = { secrets: async () => [], dial: () => dialLoopback(claw.port) };
  const customAdapter = (tenantId: string, type: string) => database.withTenantSql(tenantId, (sql) => catalog.find(sql, type));
  const guard = createEntryGuard({ database, driver, registry, customAdapter, right: { action: Action.use, policy: instancePolicy } });
  const opened = createClawEntry({ addresses, guard, database, driver, publicUrl: PORTAL, portalOrigins: [PORTAL], logger, ...options });
  const listening = createServer((_request, response) => void response.end('the portal'));
  frontByHost(listening, addresses, opened);
  return { entry: opened, server: listening, port: await listenOnLoopback(listening) };
}

async function codeFor(who: Browsing, target = here.instanceId): Promise<string> {
  const { status, body } = await who.call(`POST /instances/${target}/open`, { language: 'ja' });
  if (status !== 201) throw new Error(`opening answered ${status}: ${JSON.stringify(body)}`);
  return body.code as string;
}

async function enter(who: Browsing): Promise<string> {
  const { cookie, reply } = await handOver(port, here.host, await codeFor(who));
  if (cookie === null) throw new Error(`handing over answered ${reply.status}`);
  return cookie;
}

const at = (path: string, headers: Record<string, string> = {}, method = 'GET') => askHost(port, here.host, path, { method, headers });
const own = () => ({ origin: `http://${here.host}` });
const closed = (socket: WebSocket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('a way into the page of a claw', () => {
  it('is a code that works once, only there, only from the portal, and only for a minute', async () => {
    const code = await codeFor(here.owner);
    expect((await handOver(port, here.host, code, { origin: 'https://evil.example' })).reply.status).toBe(401);
    expect((await handOver(port, 'another-claw.localhost:4310', code)).reply.status).toBe(401);
    const { reply, cookie } = await handOver(port, here.host, code);
    expect(reply).toMatchObject({ status: 303, headers: { location: '/chat?session=main' } });
    expect(reply.headers['set-cookie']?.[0]).toMatch(/^clawloops-entry=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/);
    expect(cookie).not.toContain(code);
    expect((await handOver(port, here.host, code)).reply.status).toBe(401);
    const late = await codeFor(here.owner);
    await here.world.rows("UPDATE claw_entry SET code_expires_at = now() - interval '1 second' WHERE token_hash IS NULL");
    expect((await handOver(port, here.host, late)).reply.status).toBe(401);
  });

  it('is given by slug too, and only to people in a browser who may use the claw', async () => {
    expect(await codeFor(here.owner, here.slug)).toMatch(/^[\w-]{43}$/);
    expect((await here.owner.call('POST /instances/nobody-has-this/open', {})).status).toBe(404);
    expect((await here.world.call(`POST /instances/${here.instanceId}/open`, {}, { key: here.key })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    await here.world.rows("UPDATE membership SET role = 'viewer' WHERE user_id = $1", [here.member.userId]);
    expect((await here.member.call(`POST /instances/${here.instanceId}/open`, {})).status).toBe(403);
    await here.world.rows("UPDATE membership SET role = 'member' WHERE user_id = $1", [here.member.userId]);
    expect((await here.member.call(`POST /instances/${here.instanceId}/open`, {})).status).toBeOneOf([403, 404]);
    await here.world.rows("UPDATE membership SET role = 'operator' WHERE user_id = $1", [here.member.userId]);
  });

  it('keeps no secret in the database and writes none to the log', async () => {
    const code = await codeFor(here.owner);
    const { cookie } = await handOver(port, here.host, code);
    const token = cookie?.split('=')[1] ?? '';
    const rows = JSON.stringify([await here.world.rows('SELECT * FROM claw_entry'), await here.world.rows('SELECT * FROM audit_event')]);
    for (const secret of [code, token]) {
      expect(rows).not.toContain(secret);
      expect(here.world.logged()).not.toContain(secret);
    }
  });
});

describe('whoever came in', () => {
  it('is told to the claw, which learns nothing else of them and speaks for its own host alone', async () => {
    const cookie = await enter(here.owner);
    const answer = await at('/page?x=1', {
      cookie: `${cookie}; ${here.owner.headers.cookie}; mine=1`,
      authorization: 'Bearer x',
      'x-clawloops-user': 'usr_forged',
    });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('GET /page?x=1') });
    expect(answer.headers['set-cookie']).toEqual(['claw=1; Path=/']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const told = claw.seen.at(-1)?.headers;
    expect(told).toMatchObject({ cookie: 'mine=1', 'x-clawloops-instance': here.instanceId, 'x-forwarded-host': here.host });
    expect(told?.['x-clawloops-user']).toMatch(/^usr_(?!forged)/);
    expect(told?.authorization).toBeUndefined();
  });

  it('sends bodies and opens WebSockets there', async () => {
    const cookie = await enter(here.owner);
    const body = 'x'.repeat(300_000);
    expect((await askHost(port, here.host, '/upload', { method: 'POST', headers: { cookie, ...own() }, body })).status).toBe(200);
    expect(claw.seen.at(-1)).toMatchObject({ method: 'POST', body });
    const socket = await socketAt(port, here.host, { cookie, ...own() });
    const answer = heard(socket);
    socket.send('hello');
    expect(await answer).toBe('claw heard hello');
    socket.terminate();
  });

  it('is not somebody whom another page sends', async () => {
    const cookie = await enter(here.owner);
    for (const origin of ['http://another-claw.localhost:4310', PORTAL, 'null']) {
      expect((await at('/', { cookie, origin }, 'POST')).status, origin).toBe(403);
      await expect(socketAt(port, here.host, { cookie, origin })).rejects.toThrow('403');
    }
  });

  it('loses what is open and gets no further as soon as they may no longer use the claw', async () => {
    const cookie = await enter(here.member);
    const socket = await socketAt(port, here.host, { cookie, ...own() });
    const gone = closed(socket);
    await here.world.rows("UPDATE membership SET role = 'viewer' WHERE user_id = $1", [here.member.userId]);
    await gone;
    await expect.poll(async () => (await at('/', { cookie })).status).toBe(403);
    await here.world.rows("UPDATE membership SET role = 'operator' WHERE user_id = $1", [here.member.userId]);
  });

  it('is out when they sign out of the portal', async () => {
    const person = await signedIn(here.world, FOUNDER.email, FOUNDER.password);
    const cookie = await enter(person);
    const socket = await socketAt(port, here.host, { cookie, ...own() });
    const gone = closed(socket);
    expect((await here.world.call('POST /api/auth/sign-out', {}, { base: '', headers: person.headers })).status).toBe(200);
    await gone;
    await expect.poll(async () => (await at('/', { cookie })).status).toBe(401);
  });
});

describe('whoever did not', () => {
  it('is led to the portal, and told the same of a claw that does not exist', async () => {
    const headers = { accept: 'text/html', 'accept-language': 'zh-CN' };
    const answer = await at('/deep/link', headers);
    expect(answer).toMatchObject({ status: 401, headers: { 'content-language': 'zh' } });
    expect(answer.body).toContain(`href="${PORTAL}/open/${here.slug}?path=%2Fdeep%2Flink"`);
    expect((await askHost(port, 'nobody.localhost:4310', '/', { headers })).status).toBe(401);
    expect(JSON.parse((await at('/', { cookie: 'clawloops-entry=nonsense' })).body)).toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(socketAt(port, here.host, own())).rejects.toThrow('401');
  });

  it('reads in their language why a claw does not show its page', async () => {
    const cookie = await enter(here.owner);
    await setRunning(here.world, here.instanceId, false);
    await expect.poll(async () => (await at('/', { cookie, accept: 'text/html' })).status).toBe(503);
    const { headers, body } = await at('/', { cookie, accept: 'text/html' });
    expect(headers).toMatchObject({ 'content-language': 'ja', 'retry-after': '3' });
    expect(body).toContain(`href="${PORTAL}/instances/${here.instanceId}"`);
    await setRunning(here.world, here.instanceId, true);
  });
});

describe('a claw that is stuck', () => {
  it('is given up, and whoever waited hears that it does not answer and when to come again', async () => {
    const cookie = await enter(here.owner);
    const impatient = await openEntry({ silenceMilliseconds: 50 });
    try {
      const headers = { cookie, accept: 'application/json' };
      const stuck = (method: string, more = {}) => askHost(impatient.port, here.host, '/stuck', { method, headers: { ...headers, ...more } });
      for (const answer of await Promise.all([stuck('GET'), stuck('POST', own())])) {
        expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '3' } });
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
      }
      await expect(socketAt(impatient.port, here.host, { cookie, ...own() }, '/stuck')).rejects.toThrow('503');
      await expect.poll(() => impatient.entry.open).toBe(0);
    } finally {
      impatient.entry.close();
      await closeServer(impatient.server);
    }
    expect((await at('/', { cookie })).status).toBe(200);
  });
});

describe('a page of a claw', () => {
  const apiPort = () => here.world.api.port;

  it('reaches nothing of the portal from its own host', async () => {
    for (const path of ['/api/v1/me', '/realtime/?EIO=4&transport=polling', '/livez', '/internal/hosts/x/prepare']) {
      expect((await askHost(apiPort(), here.host, path)).status, path).toBe(401);
    }
  });

  it('makes no browser speak to the portal', async () => {
    const headers = { ...here.owner.headers, ...own() };
    for (const [method, path] of [
      ['GET', '/api/v1/me'],
      ['POST', '/api/v1/instances'],
      ['POST', '/api/auth/sign-out'],
      ['GET', '/realtime/?EIO=4&transport=polling'],
    ] as const)
      expect((await askHost(apiPort(), 'localhost:4310', path, { method, headers })).status, path).toBe(403);
    await expect(socketAt(apiPort(), 'localhost:4310', headers)).rejects.toThrow('403');
    const embedded = { cookie: here.owner.headers.cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
    expect((await askHost(apiPort(), 'localhost:4310', '/api/v1/me', { headers: embedded })).status).toBe(403);
    expect((await here.owner.call('GET /me')).status).toBe(200);
  });
});

describe('an entry in front', () => {
  const ask = (headers: Record<string, string>) => askHost(here.world.api.port, 'api:8080', '/internal/forward-auth', { headers });
  const proof = () => ({
    'x-clawloops-proof': ENTRY_TOKEN,
    'x-forwarded-host': here.host,
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/',
    'x-forwarded-for': '198.51.100.7',
  });

  it('is told who somebody is, or what to answer them', async () => {
    const cookie = await enter(here.member);
    const yes = await ask({ ...proof(), cookie: `${cookie}; clawloops.session_token=s; mine=1` });
    expect(yes).toMatchObject({ status: 200, headers: { 'x-clawloops-user': here.member.userId, 'x-clawloops-instance': here.instanceId } });
    expect(yes.headers.cookie).toBe(`mine=1; ${cookie}`);
    expect(await ask({ ...proof(), accept: 'text/html' })).toMatchObject({ status: 401, body: expect.stringContaining(`/open/${here.slug}`) });
    expect((await ask({ ...proof(), cookie, origin: 'http://another-claw.localhost:4310' })).status).toBe(403);
    expect((await ask({ ...proof(), 'x-forwarded-uri': '/.clawloops/enter' })).status).toBe(200);
  });

  it('is nobody who cannot prove it', async () => {
    const { 'x-clawloops-proof': _, ...without } = proof();
    expect((await ask(without)).status).toBe(404);
    expect((await ask({ ...without, 'x-clawloops-proof': 'x'.repeat(40) })).status).toBe(404);
  });
});
