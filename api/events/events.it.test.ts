import pg from 'pg';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../prisma/client.ts';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import type { RealtimeMessage } from '../../workflows/contracts/events.ts';
import type { FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import { type ApiWorld, addStranger, FOUNDER, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';
import { pruneEvents } from './event-retention.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;
let hostId: string;
let instanceId: string;
let operationId: string;
let stranger: Stranger;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  hostId = await hostOnline(world);
  tenantId = (await call('GET /me')).body.tenant.id;
  const created = await call('POST /instances', { name: 'sales-bot', resources: { cpu: '10m', memory: '64Mi' } });
  instanceId = created.body.instance.id;
  operationId = created.body.operation.id;
  stranger = await addStranger(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, as = key) => world.call(request, body, { key: as });
const events = async (query = '', as = key): Promise<FleetEventView[]> => (await call(`GET /events?${query}`, undefined, as)).body.items;
const crash = (exitCode: number, at: string, count = 1): NewFleetEvent => ({
  tenantId,
  type: 'instance.crashed',
  subject: { kind: 'instance', id: instanceId },
  instanceId,
  hostId,
  data: { exitCode, signal: null, restarts: 1 },
  at,
  count,
});
const happen = (...happened: NewFleetEvent[]) => inTransaction(world.deps.systemPool, (sql) => recordFleetEvents(sql, '/observer', happened));

describe('what a person asks for', () => {
  it('is told with who asked, the operation and the request', async () => {
    const [event] = await events(`instance=${instanceId}`);
    expect(event).toMatchObject({
      type: 'operation.accepted',
      severity: 'info',
      message: 'The API key set-up asked to create sales-bot.',
      subject: { kind: 'instance', id: instanceId, name: 'sales-bot' },
      actor: { kind: 'key', name: 'set-up' },
      operationId,
      data: { kind: 'create' },
      count: 1,
    });
    expect(event?.requestId).toMatch(/^[\w-]{8,}$/);
  });

  it('is told of providers and keys, without what they hold', async () => {
    const provider = await call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] });
    await call(`DELETE /providers/${provider.body.id}`);
    const made = await call('POST /api-keys', { name: 'ci' });
    await call(`DELETE /api-keys/${made.body.apiKey.id}`);
    const told = await events('type=provider.added,provider.removed,api-key.created,api-key.revoked');
    expect(told.map(({ message }) => message)).toEqual([
      'The API key set-up revoked the API key ci.',
      'The API key set-up made the API key ci.',
      'The API key set-up removed the provider acme.',
      'The API key set-up added the provider acme.',
      'Ada made the API key set-up.',
    ]);
    expect(JSON.stringify(told)).not.toMatch(/sk-test|clp_/);
  });

  it('includes signing in; a wrong password is no sign-in', async () => {
    const signIn = (password: string) =>
      fetch(`${world.api.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://localhost:4310' },
        body: JSON.stringify({ email: FOUNDER.email, password }),
      });
    expect((await signIn('not the password')).status).toBe(401);
    expect((await signIn(FOUNDER.password)).status).toBe(200);
    expect(await events('type=person.signed-in')).toMatchObject([{ message: 'Ada signed in.', subject: { kind: 'person', name: 'Ada' }, count: 1 }]);
  });
});

describe('what happens again', () => {
  it('is one event that counts, at the top again, with its first and last time', async () => {
    await happen(crash(137, '2026-11-20T08:00:00.000Z'), crash(137, '2026-11-20T08:00:30.000Z'));
    await happen(crash(137, '2026-11-20T09:00:00.000Z'), crash(1, '2026-11-20T08:30:00.000Z'));
    const told = await events('type=instance.crashed');
    expect(told).toMatchObject([
      { count: 3, firstAt: '2026-11-20T08:00:00.000Z', lastAt: '2026-11-20T09:00:00.000Z', data: { exitCode: 137 }, subject: { name: 'sales-bot' } },
      { count: 1, data: { exitCode: 1 } },
    ]);
    expect(told[0]?.message).toBe('sales-bot crashed (exit code 137) and was started again; 3 times that day.');
  });

  it('is counted right however many say so at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => happen(crash(99, '2026-11-19T08:00:00.000Z'), crash(98, '2026-11-19T08:00:00.000Z'))));
    const counted = (await events('type=instance.crashed')).filter(({ firstAt }) => firstAt.startsWith('2026-11-19'));
    expect(counted.map(({ count }) => count)).toEqual([20, 20]);
  });

  it('and a time that is yet to come is now', async () => {
    await happen(crash(55, '2999-01-01T00:00:00.000Z'));
    const [event] = await events('type=instance.crashed');
    expect(Date.parse(event?.lastAt ?? '')).toBeLessThanOrEqual(Date.now());
  });
});

describe('a list of events', () => {
  it('is cut by severity and worse, host, instance and time', async () => {
    await happen({ tenantId, type: 'host.disconnected', subject: { kind: 'host', id: hostId }, hostId, data: {}, at: '2026-11-18T00:00:00.000Z' });
    expect((await events('severity=warning')).every(({ severity }) => severity !== 'info')).toBe(true);
    expect(await events('severity=error')).toEqual([]);
    expect(new Set((await events(`host=${hostId}`)).map(({ type }) => type))).toEqual(new Set(['instance.crashed', 'host.disconnected']));
    expect((await events(`instance=${instanceId}&type=host.disconnected`)).length).toBe(0);
    expect((await events('since=2026-11-19T00:00:00.000Z')).some(({ type }) => type === 'host.disconnected')).toBe(false);
    expect((await call('GET /events?severity=bad')).body).toMatchObject({ status: 422, errors: [{ path: '/query/severity' }] });
    expect((await call('GET /events?type=instance.crashed,nonsense')).status).toBe(422);
  });

  it('is read page by page without a gap or a repetition, also where times are equal', async () => {
    const all = await events('limit=200');
    const read: FleetEventView[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await call(`GET /events?limit=3${cursor && `&cursor=${cursor}`}`);
      read.push(...body.items);
      if (!body.nextCursor) break;
      cursor = body.nextCursor;
    }
    expect(read.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    expect((await call('GET /events?cursor=bm9uc2Vuc2U')).status).toBe(422);
  });

  it('of an instance is its own; one that does not exist is a 404', async () => {
    const { body } = await call(`GET /instances/${instanceId}/events?limit=1`);
    expect(body).toMatchObject({ items: [{ instanceId }], nextCursor: expect.any(String) });
    expect((await call(`GET /instances/ins_${'0'.repeat(20)}/events`)).status).toBe(404);
  });
});

describe('who may read', () => {
  it('another tenant reads nothing of it, whatever it asks for', async () => {
    expect(await events('', stranger.key)).toEqual([]);
    expect(await events(`instance=${instanceId}`, stranger.key)).toEqual([]);
    expect(await events(`host=${hostId}`, stranger.key)).toEqual([]);
    expect((await call(`GET /instances/${instanceId}/events`, undefined, stranger.key)).status).toBe(404);
  });

  it('sign-ins and keys are told to those who look after the tenant only', async () => {
    for (const [role, seen] of [
      ['admin', true],
      ['operator', false],
      ['viewer', false],
    ] as const) {
      const { key: theirs } = await addStranger(world, role, ['read'], tenantId);
      expect((await events('type=person.signed-in,api-key.created', theirs)).length > 0, role).toBe(seen);
      expect((await events('', theirs)).length, role).toBeGreaterThan(0);
    }
  });
});

it('tells the room of the tenant and of the instance that there is something new, by id only', async () => {
  const socket = io(world.api.url, { path: '/realtime', transports: ['websocket'], auth: { token: key }, forceNew: true });
  try {
    const heard: RealtimeMessage[] = [];
    socket.on('message', (message) => heard.push(message));
    expect(await socket.emitWithAck('subscribe', { room: `instance:${instanceId}` })).toEqual({ ok: true });
    await happen(crash(7, '2026-11-17T08:00:00.000Z'));
    const [row] = await world.rows<{ id: string }>("SELECT id FROM fleet_event WHERE data->>'exitCode' = '7'");
    await expect.poll(() => heard.filter(({ type }) => type === 'event.recorded')).toMatchObject([{ id: row?.id, tenantId }]);
    expect(Object.keys(heard.find(({ type }) => type === 'event.recorded') ?? {}).sort()).toEqual(['at', 'id', 'seq', 'tenantId', 'type']);
  } finally {
    socket.close();
  }
});

it('what is older than it is kept for is forgotten, and nothing else', async () => {
  await happen(crash(3, '2026-01-01T00:00:00.000Z'));
  const before = (await events('limit=200')).length;
  expect(await pruneEvents(world.deps.systemPool, 30, new Date('2026-11-21T00:00:00Z'))).toBe(1);
  expect((await events('limit=200')).length).toBe(before - 1);
});

it('the application can neither forget nor hand over an event', async () => {
  const client = new pg.Client({ connectionString: world.database.appUrl });
  await client.connect();
  try {
    await expect(client.query('DELETE FROM fleet_event')).rejects.toMatchObject({ code: '42501' });
    await client.query("SELECT set_config('app.tenant', $1, false)", [tenantId]);
    await expect(client.query('UPDATE fleet_event SET tenant_id = $1', [stranger.tenantId])).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
});
