import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type ApiWorld, addStranger, FOUNDER, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { join } from '../testing/people.ts';

let world: ApiWorld;
let key: string;
let founder: string;
let tenantId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  const me = (await call('GET /me')).body;
  founder = me.user.id;
  tenantId = me.tenant.id;
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, as: string | null = key) => world.call(request, body, { key: as });
const roles = async () =>
  (await world.rows<{ role: string }>('SELECT role FROM membership WHERE tenant_id = $1 ORDER BY role', [tenantId])).map(({ role }) => role);
const events = async (type: string) => (await call(`GET /events?type=${type}`)).body.items.map(({ message }: { message: string }) => message);

it('lists who belongs to the tenant, with what they may do in single projects, and finds them by a part of name or address', async () => {
  const project = (await call('GET /me')).body.project;
  await join(world, key, 'grace@example.com', 'member', [{ projectId: project.id, role: 'viewer' }]);
  const { items } = (await call('GET /members')).body;
  expect(items).toMatchObject([
    {
      userId: founder,
      name: FOUNDER.name,
      email: FOUNDER.email,
      role: 'owner',
      grants: [],
      secondFactor: false,
      disabled: false,
      suspended: false,
      personalClaws: 0,
    },
    { name: 'grace', email: 'grace@example.com', role: 'member', grants: [{ projectId: project.id, projectName: project.name, role: 'viewer' }] },
  ]);
  const found = async (q: string) => (await call(`GET /members?q=${encodeURIComponent(q)}`)).body.items.map(({ name }: { name: string }) => name);
  expect([await found('GRACE@'), await found('ad'), await found('_')]).toEqual([['grace'], ['Ada'], []]);
  const first = (await call('GET /members?limit=1')).body;
  expect((await call(`GET /members?limit=1&cursor=${first.nextCursor}`)).body).toMatchObject({ items: [{ name: 'grace' }], nextCursor: null });
});

it('notes when somebody was last here', async () => {
  const seen = async () => (await call(`GET /members?q=${FOUNDER.email}`)).body.items[0].lastSeenAt;
  await expect.poll(seen).toMatch(/^\d{4}-/);
});

it('gives another role, says so in the events and the audit, and to the same one changes nothing', async () => {
  const person = await join(world, key, 'otto@example.com', 'viewer');
  expect((await call(`PUT /members/${person.userId}`, { role: 'operator' })).body).toMatchObject({ name: 'otto', role: 'operator' });
  expect((await person.call('GET /me')).body.tenant.role).toBe('operator');
  expect((await call(`PUT /members/${person.userId}`, { role: 'operator' })).status).toBe(200);
  expect(await events('member.role-changed')).toEqual(['The API key set-up changed the role of otto from viewer to operator.']);
  expect(await world.rows("SELECT before, after FROM audit_event WHERE action = 'member.change-role' AND target = $1", [person.userId])).toEqual([
    { before: { role: 'viewer' }, after: { role: 'operator' } },
  ]);
  expect((await call(`PUT /members/${person.userId}`, { role: 'emperor' })).body).toMatchObject({ status: 422, errors: [{ path: '/role' }] });
  expect((await call(`PUT /members/usr_${'0'.repeat(20)}`, { role: 'viewer' })).status).toBe(404);
});

it('lets nobody reach above themselves', async () => {
  const admin = await join(world, key, 'admin@example.com', 'admin');
  const person = await join(world, key, 'person@example.com', 'viewer');
  expect((await admin.call(`PUT /members/${person.userId}`, { role: 'owner' })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect((await admin.call(`PUT /members/${founder}`, { role: 'viewer' })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect((await admin.call(`DELETE /members/${founder}`)).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect((await admin.call(`PUT /members/${admin.userId}`, { role: 'owner' })).status).toBe(403);
  expect((await admin.call(`PUT /members/${person.userId}`, { role: 'admin' })).status).toBe(200);
  expect((await call(`PUT /members/${person.userId}`, { role: 'operator' })).status).toBe(200);
  expect((await person.call(`PUT /members/${admin.userId}`, { role: 'viewer' })).status).toBe(403);
  expect((await person.call(`DELETE /members/${admin.userId}`)).status).toBe(403);
  expect((await person.call('GET /members')).status).toBe(200);
  const viewer = await join(world, key, 'viewer@example.com', 'viewer');
  expect((await viewer.call('GET /members')).status).toBe(403);
});

it('keeps an owner: the last one can be neither demoted nor removed, nor leave', async () => {
  expect((await call(`PUT /members/${founder}`, { role: 'admin' })).body).toMatchObject({ status: 409, code: 'LAST_OWNER' });
  expect((await call(`DELETE /members/${founder}`)).body).toMatchObject({ status: 409, code: 'LAST_OWNER' });
  const second = await join(world, key, 'second@example.com', 'owner');
  const answers = await Promise.all([
    call(`PUT /members/${second.userId}`, { role: 'viewer' }),
    second.call(`PUT /members/${founder}`, { role: 'viewer' }),
    second.call(`DELETE /members/${second.userId}`),
  ]);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
  expect((await roles()).filter((role) => role === 'owner')).toHaveLength(1);
  await world.rows("UPDATE membership SET role = 'owner' WHERE user_id = $1", [founder]);
});

it('ends keys, sockets and streams of whoever is removed, and says what becomes of their claws', async () => {
  const person = await join(world, key, 'leaver@example.com', 'operator');
  const made = await person.call('POST /api-keys', { name: 'theirs' });
  const theirs = made.body.secret;
  const { instance } = (await call('POST /instances', { name: 'theirs', resources: { cpu: '10m', memory: '64Mi' } })).body;
  await world.rows('UPDATE instance SET owner_id = $1 WHERE id = $2', [person.userId, instance.id]);
  const socket = io(world.api.url, { path: '/realtime', reconnection: false, forceNew: true, auth: { token: theirs } });
  const stream = new WebSocket(`${world.api.url.replace('http', 'ws')}/api/v1/instances/${instance.id}/logs/stream`, { headers: person.headers });
  const opened = Promise.all([
    new Promise<void>((resolve) => socket.on('connect', resolve)),
    new Promise<void>((resolve) => stream.on('open', () => resolve())),
  ]);
  const ended = Promise.all([new Promise((resolve) => socket.on('disconnect', resolve)), new Promise((resolve) => stream.on('close', resolve))]);
  await opened;
  expect((await call(`GET /members?q=${person.email}`)).body.items).toMatchObject([{ personalClaws: 1 }]);
  const removed = await call(`DELETE /members/${person.userId}`);
  expect(removed.body).toEqual({
    userId: person.userId,
    name: 'leaver',
    keysRevoked: 1,
    invitationsRevoked: 0,
    personalClaws: [{ id: instance.id, name: 'theirs' }],
  });
  await ended;
  expect((await call('GET /me', undefined, theirs)).body).toMatchObject({ status: 401, detail: 'The API key was revoked.' });
  expect((await person.call('GET /instances')).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect((await call(`GET /instances/${instance.id}`)).status).toBe(200);
  expect((await call(`DELETE /members/${person.userId}`)).status).toBe(404);
  expect(await events('member.removed')).toEqual(['The API key set-up removed leaver from the tenant.']);
});

it('lets everybody leave by themselves, and takes back what they had offered', async () => {
  const admin = await join(world, key, 'going@example.com', 'admin');
  const { items } = (await admin.call('POST /invitations', { emails: ['door@example.com'], role: 'viewer' })).body;
  expect((await admin.call(`DELETE /members/${admin.userId}`)).body).toMatchObject({ name: 'going', invitationsRevoked: 1 });
  expect((await call(`POST /invitations/${items[0].invitation.id}/resend`, {})).body).toMatchObject({ status: 410, code: 'INVITATION_REVOKED' });
  const viewer = await join(world, key, 'bye@example.com', 'viewer');
  expect((await viewer.call(`DELETE /members/${viewer.userId}`)).status).toBe(200);
  expect(await events('member.left')).toEqual(expect.arrayContaining(['bye left the tenant.', 'going left the tenant.']));
});

it('shows nobody the members of another tenant', async () => {
  const stranger = await addStranger(world);
  expect((await call('GET /members', undefined, stranger.key)).body.items).toHaveLength(1);
  for (const request of [`PUT /members/${founder}`, `DELETE /members/${founder}`]) {
    expect((await call(request, request.startsWith('PUT') ? { role: 'viewer' } : undefined, stranger.key)).body, request).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  }
});
