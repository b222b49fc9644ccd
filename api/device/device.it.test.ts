import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, FOUNDER, openApiWorld, setUp } from '../testing/api-world.ts';
import { type Browsing, join, signedIn } from '../testing/people.ts';
import { readUserCode } from './device-grants.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
let world: ApiWorld;
let me: Browsing;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  me = await signedIn(world, FOUNDER.email, FOUNDER.password);
});

afterAll(() => world.close());

async function form(path: string, fields: Record<string, string>) {
  const response = await fetch(`${world.api.url}/api/auth/device/${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const begin = async (more: Record<string, string> = {}) =>
  (await form('code', { client_id: 'claw', device_name: 'laptop', ...more })).body as Record<string, string>;
const ask = (code: string | undefined) => form('token', { grant_type: GRANT, device_code: code ?? '', client_id: 'claw' });
/** As if the program had waited. */
const waited = () => world.rows('UPDATE auth.device_grant SET last_polled_at = NULL');

it('gets a key of the person who lets it in, once', async () => {
  const begun = await begin();
  expect(begun).toMatchObject({ verification_uri: 'http://localhost:4310/device', expires_in: 600, interval: 5 });
  expect(begun.verification_uri_complete).toBe(`http://localhost:4310/device#code=${begun.user_code}`);
  expect((await ask(begun.device_code)).body).toMatchObject({ error: 'authorization_pending' });
  // However long the machine took since then.
  await world.rows("UPDATE auth.device_grant SET last_polled_at = now() + interval '1 hour'");
  expect((await ask(begun.device_code)).body).toMatchObject({ error: 'slow_down' });
  const typed = begun.user_code?.toLowerCase().replace('-', ' ') ?? '';
  expect((await me.call(`GET /account/devices/${encodeURIComponent(typed)}`)).body).toMatchObject({ device: 'laptop', scopes: ['read', 'write'] });
  expect((await me.call(`POST /account/devices/${begun.user_code}/approve`)).status).toBe(204);
  expect((await me.call(`POST /account/devices/${begun.user_code}/deny`)).body).toMatchObject({ code: 'CODE_INVALID' });
  await waited();
  const both = await Promise.all([ask(begun.device_code), ask(begun.device_code)]);
  const [granted] = both.filter(({ status }) => status === 200);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect(granted?.body).toMatchObject({ token_type: 'Bearer' });
  const who = await world.call('GET /me', undefined, { key: granted?.body.access_token ?? '' });
  expect(who.body).toMatchObject({ user: { email: FOUNDER.email }, auth: 'key' });
  expect((await me.call('GET /api-keys')).body.items[0]).toMatchObject({ name: 'claw on laptop', expiresAt: expect.any(String) });
  expect(world.logged()).not.toContain(granted?.body.access_token);
});

it('is sent away, comes too late, or loses who let it in', async () => {
  const denied = await begin();
  await me.call(`POST /account/devices/${denied.user_code}/deny`);
  expect((await ask(denied.device_code)).body).toMatchObject({ error: 'access_denied' });
  const late = await begin();
  await world.rows("UPDATE auth.device_grant SET expires_at = now() - interval '1 second' WHERE user_code = $1", [late.user_code]);
  expect((await ask(late.device_code)).body).toMatchObject({ error: 'expired_token' });
  expect((await me.call(`POST /account/devices/${late.user_code}/approve`)).body).toMatchObject({ code: 'CODE_INVALID' });
  const eve = await join(world, key, 'eve@example.com', 'operator');
  const orphan = await begin({ scope: 'read' });
  await eve.call(`POST /account/devices/${orphan.user_code}/approve`);
  await me.call(`POST /members/${eve.userId}/suspend`, {});
  expect((await ask(orphan.device_code)).body).toMatchObject({ error: 'access_denied' });
  expect((await ask('nonsense')).body).toMatchObject({ error: 'invalid_grant' });
  expect((await form('code', { client_id: 'another' })).body).toMatchObject({ error: 'invalid_request' });
});

it('is let in by people only: a key may be one that may less than its owner', async () => {
  const begun = await begin();
  expect((await world.call(`POST /account/devices/${begun.user_code}/approve`, undefined, { key })).status).toBe(403);
});

it.each([
  ['bcdf-ghjk', 'BCDF-GHJK'],
  [' BCDF GHJK ', 'BCDF-GHJK'],
  ['BCDFGHJ', null],
  ['BCDF-GHJA', null],
  ['', null],
])('a code typed as %j is %j', (typed, code) => {
  expect(readUserCode(typed)).toBe(code);
});
