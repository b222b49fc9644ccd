import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { join, PASSWORD, signedIn } from '../testing/people.ts';

let world: ApiWorld;
let key: string;
let admin: Awaited<ReturnType<typeof signedIn>>;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  admin = await signedIn(world, 'ada@example.com', 'correct horse battery');
});

afterAll(() => world.close());

/** Somebody with a session, a key, an open socket and a claw of their own. */
async function atWork(email: string) {
  const person = await join(world, key, email, 'operator');
  const { secret } = (await person.call('POST /api-keys', { name: 'mine' })).body;
  const socket = io(world.api.url, { path: '/realtime', transports: ['websocket'], auth: { token: secret }, reconnection: false });
  await once(socket as unknown as NodeJS.EventEmitter, 'connect');
  const { body } = await person.call('POST /instances', { name: email.split('@')[0], resources: { cpu: '10m', memory: '64Mi' } });
  await world.rows("UPDATE instance SET owner_id = $2, intent_phase = 'Running', observed_ready = true WHERE id = $1", [body.instance.id, person.userId]);
  await world.rows("UPDATE operation SET state = 'succeeded' WHERE instance_id = $1", [body.instance.id]);
  return { ...person, key: secret as string, socket, instanceId: body.instance.id as string };
}

const gone = (socket: Socket) => expect.poll(() => socket.connected).toBe(false);

it('a disabled person is out everywhere, with their claws if wished, until they are enabled', async () => {
  const eve = await atWork('eve@example.com');
  const disabled = await admin.call(`POST /people/${eve.userId}/disable`, { stopClaws: true });
  expect(disabled.body).toEqual({ clawsStopped: 1 });
  expect((await eve.call('GET /me')).status).toBe(401);
  expect((await world.call('GET /me', undefined, { key: eve.key })).status).toBe(401);
  await gone(eve.socket);
  await expect(signedIn(world, eve.email, PASSWORD)).rejects.toThrow('ACCOUNT_DISABLED');
  const stops = await world.rows("SELECT 1 FROM operation WHERE instance_id = $1 AND kind = 'stop'", [eve.instanceId]);
  expect(stops).toHaveLength(1);
  expect((await admin.call('GET /people?q=eve')).body.items).toMatchObject([{ email: 'eve@example.com', disabledAt: expect.any(String), tenants: 1 }]);
  expect((await admin.call(`POST /people/${eve.userId}/enable`)).status).toBe(204);
  await signedIn(world, eve.email, PASSWORD);
  expect((await world.call('GET /me', undefined, { key: eve.key })).status).toBe(200);
});

it('a suspended member is out of this tenant and keeps everything', async () => {
  const bob = await atWork('bob@example.com');
  expect((await admin.call(`POST /members/${bob.userId}/suspend`, {})).body).toEqual({ clawsStopped: 0 });
  await gone(bob.socket);
  expect((await bob.call('GET /instances')).status).toBe(403);
  expect((await admin.call('GET /members?q=bob')).body.items).toMatchObject([{ email: 'bob@example.com', suspended: true, disabled: false }]);
  expect((await world.call('GET /me', undefined, { key: bob.key })).status).toBe(401);
  expect((await admin.call(`POST /members/${bob.userId}/resume`)).status).toBe(204);
  expect((await bob.call('GET /me')).body).toMatchObject({ tenant: { role: 'operator' } });
  expect((await world.call('GET /me', undefined, { key: bob.key })).status).toBe(200);
});

it('nobody locks the last one out: not themselves, not the last owner, not somebody above them', async () => {
  const me = (await admin.call('GET /me')).body.user.id;
  expect((await admin.call(`POST /people/${me}/disable`, {})).body).toMatchObject({ status: 409, code: 'STILL_IN_USE' });
  const carol = await join(world, key, 'carol@example.com', 'admin');
  expect((await carol.call(`POST /members/${me}/suspend`, {})).status).toBe(403);
  expect((await carol.call(`POST /members/${carol.userId}/suspend`, {})).status).toBe(403);
  const dan = await join(world, key, 'dan@example.com', 'operator');
  expect((await dan.call(`POST /members/${carol.userId}/suspend`, {})).status).toBe(403);
  expect((await carol.call(`POST /people/${dan.userId}/disable`, {})).status).toBe(403);
  expect((await carol.call('GET /people')).status).toBe(403);
  expect((await admin.call('POST /people/usr_00000000000000000000/disable', {})).status).toBe(404);
  // An owner who may not come in is none who could let somebody in.
  const erin = await join(world, key, 'erin@example.com', 'owner');
  expect((await admin.call(`POST /members/${erin.userId}/suspend`, {})).status).toBe(200);
  expect((await admin.call(`DELETE /members/${me}`)).body).toMatchObject({ status: 409, code: 'LAST_OWNER' });
  expect((await admin.call(`PUT /members/${erin.userId}`, { role: 'viewer' })).status).toBe(200);
});
