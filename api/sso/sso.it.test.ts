import { afterAll, beforeAll, expect, it } from 'vitest';
import { newSecret, secretHash } from '../../activities/platform/ids.ts';
import { type Answer, type ApiWorld, addStranger, FOUNDER, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';
import { type Browsing, browsing, cookiesOf, join, PASSWORD, signedIn } from '../testing/people.ts';
import { startProvider, type TestProvider, throughProvider } from './testing/provider.ts';

const CALLBACK = 'http://localhost:4310/api/v1/sso/callback';

let world: ApiWorld;
let provider: TestProvider;
let key: string;
let tenantId: string;
let stranger: Stranger;

beforeAll(async () => {
  [world, provider] = await Promise.all([openApiWorld(), startProvider(CALLBACK)]);
  key = await setUp(world);
  tenantId = (await call('GET /me')).body.tenant.id;
  stranger = await addStranger(world);
});

afterAll(async () => {
  await world.close();
  await provider.close();
});

const call = (request: string, body?: unknown, as: string | null = key) => world.call(request, body, { key: as });
const settings = (changes: object = {}) => ({
  name: 'Acme',
  issuer: provider.issuer,
  ...provider.client,
  scopes: ['openid', 'email', 'profile', 'groups'],
  domains: ['acme.example'],
  groupsClaim: 'groups',
  groupRoles: [
    { group: 'sre', role: 'operator' },
    { group: 'it', role: 'admin' },
  ],
  defaultRole: 'viewer',
  ...changes,
});
const connect = async (changes: object = {}) => expect((await call('PUT /sso', settings(changes))).status).toBe(200);
const lastFailure = async () => (await call('GET /sso')).body.connection.lastFailure?.message;
const roleOf = async (email: string) => (await call(`GET /members?q=${email}`)).body.items[0]?.role;

interface Detour {
  /** Changes where the browser is sent at the beginning, or comes back to. */
  readonly out?: (url: URL) => void;
  readonly back?: (url: URL) => void | Promise<void>;
  /** Loses the cookie of the beginning. */
  readonly elsewhere?: boolean;
}

/** Goes the whole way in a browser; answers what the callback answered. */
async function comeBy(email: string, { out, back, elsewhere = false }: Detour = {}): Promise<Answer> {
  const started = await world.call('POST /sso/start', { email, next: '/instances' });
  expect(started.status, JSON.stringify(started.body)).toBe(200);
  const url = new URL(started.body.url);
  out?.(url);
  const returned = await throughProvider(url.href, CALLBACK);
  await back?.(returned);
  return callback(returned, elsewhere ? '' : cookiesOf(started));
}

function callback({ search }: URL, cookie: string): Promise<Answer> {
  return world.call(`GET /sso/callback${search}`, undefined, { headers: { cookie } });
}

/** The code of the failure that the browser is shown; null when it came in. */
function refusal({ status, headers }: Answer): string | null {
  expect(status).toBe(303);
  const location = new URL(headers.get('location') ?? '');
  expect(location.origin).toBe('http://localhost:4310');
  return location.hash ? location.hash.slice('#sso='.length) : null;
}

async function enter(email: string): Promise<Browsing> {
  const answer = await comeBy(email);
  expect([refusal(answer), answer.headers.get('location')]).toEqual([null, 'http://localhost:4310/instances']);
  return browsing(world, email, cookiesOf(answer));
}

/** What a provider says instead of a code when the person said no. */
function deny(answer: URLSearchParams): void {
  answer.delete('code');
  answer.set('error', 'access_denied');
}

function person(email: string, more: object = {}): string {
  provider.people.set(email, { email, email_verified: true, name: email.split('@')[0] as string, groups: [], ...more });
  return email;
}

it('keeps a connection and never tells its secret, also not to the audit or the log', async () => {
  expect((await call('GET /sso')).body).toEqual({ callbackUrl: CALLBACK, entitled: true, connection: null });
  const kept = await call('PUT /sso', settings());
  expect(kept.body.connection).toMatchObject({ name: 'Acme', clientSecret: { present: true }, domains: ['acme.example'], enforced: false, lastSignInAt: null });
  const entries = (await call('GET /audit?action=sso.set')).body;
  expect(entries.items).toHaveLength(1);
  const rows = await world.rows('SELECT * FROM sso_connection');
  for (const place of [kept.body, entries, rows, world.logged()]) expect(JSON.stringify(place)).not.toContain(provider.client.clientSecret);
  const { clientSecret: _, ...unchanged } = settings({ name: 'Acme Inc.' });
  expect((await call('PUT /sso', unchanged)).body.connection).toMatchObject({ name: 'Acme Inc.', clientSecret: { present: true } });
});

it('says of a provider in plain words whether people could come by it', async () => {
  const tested = async (changes: object = {}) => {
    const { issuer, clientId, clientSecret, scopes } = settings(changes) as Record<string, unknown>;
    return (await call('POST /sso/test', { issuer, clientId, clientSecret, scopes })).body;
  };
  const states = ({ checks }: { checks: readonly { name: string; state: string }[] }) => checks.map(({ name, state }) => `${name} ${state}`);
  const good = await tested();
  expect([good.ok, states(good)]).toEqual([true, ['discovery passed', 'keys passed', 'authorization passed', 'client passed']]);
  expect((await tested({ clientSecret: undefined })).ok).toBe(true);
  const wrongSecret = await tested({ clientSecret: 'another' });
  expect([wrongSecret.ok, wrongSecret.checks[3]]).toMatchObject([false, { state: 'failed', message: expect.stringContaining('client secret') }]);
  const wrongClient = await tested({ clientId: 'nobody' });
  expect(wrongClient.checks[2]).toMatchObject({ state: 'failed', message: expect.stringContaining(CALLBACK) });
  const nobody = await tested({ issuer: 'http://127.0.0.1:9' });
  expect(states(nobody)).toEqual(['discovery failed', 'keys skipped', 'authorization skipped', 'client skipped']);
  const elsewhere = await tested({ issuer: `${provider.issuer}/other` });
  expect(elsewhere.checks[0].state).toBe('failed');
});

it('sends the secret nowhere but to the issuer that it was given for, and asks no address of its own surroundings', async () => {
  const { clientSecret: _, ...elsewhere } = settings({ issuer: 'http://127.0.0.1:9' });
  const { issuer, clientId, scopes } = elsewhere as Record<string, unknown>;
  for (const answer of [await call('PUT /sso', elsewhere), await call('POST /sso/test', { issuer, clientId, scopes })]) {
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/clientSecret' }] });
  }
  for (const bad of ['http://id.example.com', 'https://10.0.0.1', 'https://169.254.169.254/x', 'https://a:b@id.example.com', 'https://id.example.com/?a=b']) {
    expect((await call('PUT /sso', settings({ issuer: bad }))).body, bad).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/issuer' }] });
  }
});

it('leads addresses of a domain to one tenant, and tells strangers nothing about accounts', async () => {
  const taken = await call('PUT /sso', settings({ domains: ['other.example', 'acme.example'] }), stranger.key);
  expect(taken.body).toMatchObject({ code: 'NAME_TAKEN', errors: [{ path: '/domains/1' }] });
  expect(await world.rows("SELECT 1 FROM sso_domain WHERE domain = 'other.example'")).toEqual([]);
  expect((await call('GET /sso', undefined, stranger.key)).body.connection).toBeNull();
  const asked = async (email: string) => (await call('POST /sso/find', { email }, null)).body;
  const acme = { provider: { name: 'Acme Inc.', enforced: false } };
  expect([await asked('nobody@acme.example'), await asked('x@ACME.example'), await asked(FOUNDER.email)]).toEqual([acme, acme, { provider: null }]);
  expect((await call('POST /sso/start', { email: FOUNDER.email }, null)).body).toMatchObject({ code: 'NOT_FOUND' });
});

it('lets somebody in at the first sign-in with the role of their groups, into this tenant and no other', async () => {
  const grace = await enter(person('grace@acme.example', { name: 'Grace', groups: ['sre', 'others'] }));
  const me = (await grace.call('GET /me')).body;
  expect(me).toMatchObject({ user: { name: 'Grace', email: 'grace@acme.example' }, tenant: { id: tenantId, role: 'operator' } });
  await world.rows("INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, 'admin')", [stranger.tenantId, me.user.id]);
  expect((await grace.call('GET /me')).body.tenants).toHaveLength(1);
  expect((await world.call('GET /me', undefined, { headers: { ...grace.headers, 'x-tenant': stranger.tenantId } })).status).toBe(404);
  expect((await grace.call('POST /account/passkeys/options')).body).toMatchObject({ code: 'FORBIDDEN' });
  const joined = (await call('GET /audit?action=member.join-by-sso')).body.items;
  expect(joined).toMatchObject([{ actor: { id: me.user.id } }]);
  expect((await call('GET /sso')).body.connection).toMatchObject({ lastSignInAt: expect.any(String), lastFailure: null });
});

it('asks the provider again after a day, whatever is done with the session', async () => {
  const grace = await enter('grace@acme.example');
  const sessions = 'auth.session WHERE sso_tenant_id IS NOT NULL AND user_id = (SELECT id FROM auth."user" WHERE email = \'grace@acme.example\')';
  await world.rows(`UPDATE ${sessions.replace(' WHERE', " SET expires_at = now() + interval '14 days' WHERE")}`);
  expect(await world.rows(`SELECT 1 FROM ${sessions} AND expires_at > created_at + interval '1 day'`)).toEqual([]);
  expect((await grace.call('GET /me')).status).toBe(200);
  await world.rows(`UPDATE ${sessions.replace(' WHERE', " SET created_at = now() - interval '25 hours', expires_at = now() + interval '14 days' WHERE")}`);
  expect((await grace.call('GET /me')).status).toBe(401);
});

it('gives another role when the groups are others at the next sign-in, and takes no owner theirs', async () => {
  await enter(person('grace@acme.example', { groups: ['it'] }));
  expect(await roleOf('grace@acme.example')).toBe('admin');
  const again = await enter(person('grace@acme.example', { groups: [] }));
  expect((await again.call('GET /me')).body.tenant.role).toBe('viewer');
  await world.rows('UPDATE membership SET role = \'owner\' WHERE tenant_id = $1 AND user_id = (SELECT id FROM auth."user" WHERE email = $2)', [
    tenantId,
    'grace@acme.example',
  ]);
  await enter('grace@acme.example');
  expect(await roleOf('grace@acme.example')).toBe('owner');
});

it('refuses whom the provider does not vouch for, and says to those who look after it why', async () => {
  const because = async (email: string, why: string) => {
    expect(refusal(await comeBy(email)), email).toBe('SSO_REFUSED');
    expect(await lastFailure()).toContain(why);
  };
  provider.people.set('alias@acme.example', { email: 'eve@elsewhere.example', email_verified: true });
  await because('alias@acme.example', 'none of the domains');
  await because(person('no-mail@acme.example', { email: undefined }), 'no e-mail address');
  await because(person('loose@acme.example', { email_verified: false }), 'not verified');
  await connect({ defaultRole: null });
  await because(person('outsider@acme.example', { groups: ['sales'] }), 'none of the groups');
  await connect();
  expect(await world.rows("SELECT 1 FROM auth.\"user\" WHERE email LIKE '%outsider%' OR email LIKE '%loose%'")).toEqual([]);
});

it('links an account that is there only when the provider says that the address is verified', async () => {
  const ann = await join(world, key, 'ann@acme.example', 'member');
  person('ann@acme.example', { email_verified: undefined });
  expect(refusal(await comeBy('ann@acme.example'))).toBe('SSO_REFUSED');
  expect(await lastFailure()).toContain('email_verified');
  const linked = await enter(person('ann@acme.example', { groups: ['sre'] }));
  expect((await linked.call('GET /me')).body).toMatchObject({ user: { id: ann.userId }, tenant: { role: 'operator' } });
});

it('enters into the audit whose account it was linked with, once', async () => {
  await enter('ann@acme.example');
  const ann = (await call('GET /members?q=ann@')).body.items[0];
  const linked = (await call('GET /audit?action=sso.link')).body.items;
  expect(linked).toMatchObject([{ target: { id: ann.userId }, actor: { id: ann.userId }, after: { email: 'ann@acme.example', issuer: provider.issuer } }]);
});

it("takes over the account of no owner, and is an owner's to change", async () => {
  const olga = await join(world, key, 'olga@acme.example', 'admin');
  expect((await olga.call('GET /sso')).body.connection.issuer).toBe(provider.issuer);
  const { issuer, clientId, clientSecret, scopes } = settings() as Record<string, unknown>;
  expect((await olga.call('POST /sso/test', { issuer, clientId, clientSecret, scopes })).body.ok).toBe(true);
  for (const answer of [await olga.call('PUT /sso', settings()), await olga.call('DELETE /sso')]) expect(answer.body).toMatchObject({ code: 'FORBIDDEN' });
  expect((await call(`PUT /members/${olga.userId}`, { role: 'owner' })).status).toBe(200);
  expect(refusal(await comeBy(person('olga@acme.example')))).toBe('SSO_REFUSED');
  expect(await lastFailure()).toContain('owners keep their password');
  expect(await world.rows('SELECT 1 FROM sso_identity WHERE user_id = $1', [olga.userId])).toEqual([]);
  expect((await olga.call('PUT /sso', settings())).status).toBe(200);
});

it('makes of a session no more by a key: without a role of the platform, and for as long as the provider speaks for its owner', async () => {
  const root = await join(world, key, 'root@acme.example', 'member');
  await world.rows("INSERT INTO platform_role (user_id, role) VALUES ($1, 'admin')", [root.userId]);
  const keyOf = async (who: Browsing) =>
    (await who.call('POST /api-keys', { name: 'k', scopes: ['read', 'write'] })).body as { apiKey: { id: string }; secret: string };
  const isAdministrator = async (as: string) => (await call('GET /people', undefined, as)).status === 200;
  const own = await keyOf(root);
  expect([(await root.call('GET /people')).status, await isAdministrator(own.secret)]).toEqual([200, true]);

  const vouched = await enter(person('root@acme.example'));
  const made = await keyOf(vouched);
  const byMade = (await call('POST /api-keys', { name: 'k', scopes: ['read'] }, made.secret)).body;
  const rotated = (await call(`POST /api-keys/${made.apiKey.id}/rotate`, { overlapSeconds: 3600 }, made.secret)).body;
  const taken = (await vouched.call(`POST /api-keys/${own.apiKey.id}/rotate`, { overlapSeconds: 3600 })).body;
  const keys: string[] = [made.secret, byMade.secret, rotated.secret, taken.secret, await deviceKey(vouched)];
  const statuses = () => Promise.all(keys.map(async (as) => (await call('GET /me', undefined, as)).status));
  expect((await vouched.call('GET /people')).status).toBe(403);
  expect(await statuses()).toEqual(keys.map(() => 200));
  expect(await Promise.all(keys.map(isAdministrator))).toEqual(keys.map(() => false));
  expect(await isAdministrator(own.secret)).toBe(true);

  await connect({ enabled: false });
  expect(await statuses()).toEqual(keys.map(() => 401));
  expect(await isAdministrator(own.secret)).toBe(true);
  await connect();
  expect(await statuses()).toEqual(keys.map(() => 200));
  await world.rows('DELETE FROM platform_role WHERE user_id = $1', [root.userId]);
});

/** The key of a program that somebody lets in. */
async function deviceKey(who: Browsing): Promise<string> {
  const post = async (path: string, fields: Record<string, string>) =>
    (await fetch(`${world.api.url}/api/auth/device/${path}`, { method: 'POST', body: new URLSearchParams(fields) })).json() as Promise<Record<string, string>>;
  const begun = await post('code', { client_id: 'claw', device_name: 'laptop' });
  expect((await who.call(`POST /account/devices/${begun.user_code}/approve`)).status).toBe(204);
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  return String((await post('token', { grant_type: grant, device_code: String(begun.device_code), client_id: 'claw' })).access_token);
}

it.each<[string, Detour, string]>([
  ['nonce', { out: ({ searchParams }) => searchParams.set('nonce', 'another') }, 'nonce'],
  ['issuer', { back: ({ searchParams }) => searchParams.set('iss', 'http://127.0.0.1:9') }, 'iss'],
  ['code', { back: ({ searchParams }) => searchParams.set('code', 'another') }, 'invalid_grant'],
  ['code that is over', { back: ({ searchParams }) => provider.expire(String(searchParams.get('code'))) }, 'invalid_grant'],
  ['challenge', { out: ({ searchParams }) => searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM') }, 'invalid_grant'],
  ['refusal', { back: ({ searchParams }) => deny(searchParams) }, 'access_denied'],
])('believes no answer with another %s, and says why to those who look after it', async (_what, detour, why) => {
  await connect();
  expect(refusal(await comeBy(person('mallory@acme.example'), detour))).toBe('SSO_FAILED');
  expect(await lastFailure()).toContain(why);
  expect(await world.rows('SELECT 1 FROM auth."user" WHERE email LIKE \'mallory%\'')).toEqual([]);
});

it.each<[string, Detour]>([
  ['to a question that nobody asked', { back: ({ searchParams }) => searchParams.set('state', 'another') }],
  ['that comes back in another browser', { elsewhere: true }],
  ['that comes too late', { back: async () => void (await world.rows("UPDATE auth.verification SET expires_at = now() - interval '1 second'")) }],
])('takes no answer %s', async (_what, detour) => {
  expect(refusal(await comeBy(person('mallory@acme.example'), detour))).toBe('SSO_FAILED');
  expect(refusal(await callback(new URL(CALLBACK), ''))).toBe('SSO_FAILED');
});

it('takes an answer once', async () => {
  const started = await world.call('POST /sso/start', { email: person('otto@acme.example') });
  const returned = await throughProvider(started.body.url, CALLBACK);
  const both = await Promise.all([callback(returned, cookiesOf(started)), callback(returned, cookiesOf(started))]);
  expect(both.map(refusal).sort()).toEqual(['SSO_FAILED', null]);
});

it('goes on only to pages of the portal', async () => {
  const home = 'http://localhost:4310/';
  for (const [next, leadsTo] of [
    ...['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example', '/\n\\evil.example', 'evil'].map((one) => [one, home]),
    // A path of two slashes is no host yet, and must not become one.
    ['/..//evil.example', `${home}/evil.example`],
    ['/instances?q=a#b', `${home}instances?q=a#b`],
  ] as const) {
    const started = await world.call('POST /sso/start', { email: 'otto@acme.example', next });
    const answer = await callback(await throughProvider(started.body.url, CALLBACK), cookiesOf(started));
    expect(answer.headers.get('location'), next).toBe(leadsTo);
  }
});

it('keeps out who is disabled or suspended, and who has no seat', async () => {
  const otto = (await call('GET /members?q=otto@')).body.items[0];
  await call(`POST /members/${otto.userId}/suspend`);
  expect(refusal(await comeBy('otto@acme.example'))).toBe('ACCOUNT_DISABLED');
  await call(`POST /members/${otto.userId}/resume`);
  await world.rows('UPDATE auth."user" SET disabled_at = now() WHERE id = $1', [otto.userId]);
  expect(refusal(await comeBy('otto@acme.example'))).toBe('ACCOUNT_DISABLED');
  await world.rows('UPDATE auth."user" SET disabled_at = NULL WHERE id = $1', [otto.userId]);
  await world.rows(
    "INSERT INTO plan (name, seats) VALUES ('tiny', 1); INSERT INTO tenant_plan (tenant_id, plan, last_updated_by) SELECT id, 'tiny', 'test' FROM tenant WHERE id <> ''",
  );
  expect(refusal(await comeBy(person('late@acme.example')))).toBe('QUOTA_EXCEEDED');
  await enter('otto@acme.example');
  await world.rows('DELETE FROM tenant_plan');
});

it('lets in by the provider only where that is said, and an owner in any case', async () => {
  const ann = await signedIn(world, 'ann@acme.example', PASSWORD);
  expect((await ann.call('GET /me')).status).toBe(200);
  await connect({ enforced: true });
  expect((await ann.call('GET /me')).body).toMatchObject({ status: 403, code: 'SSO_REQUIRED' });
  await expect(signedIn(world, 'ann@acme.example', PASSWORD)).rejects.toThrow('SSO_REQUIRED');
  expect((await (await enter('ann@acme.example')).call('GET /me')).body.tenant.role).toBe('operator');
  expect((await (await signedIn(world, FOUNDER.email, FOUNDER.password)).call('GET /me')).body.tenant.role).toBe('owner');
  const newcomer = await join(world, key, 'new@acme.example', 'viewer');
  expect(newcomer.headers.cookie).toBe('');
});

it('ends with the entitlement: nobody comes by it, and nobody has to', async () => {
  await world.rows(
    "INSERT INTO plan (name, entitlements) VALUES ('basic', '{}'); INSERT INTO tenant_plan (tenant_id, plan, last_updated_by) SELECT id, 'basic', 'test' FROM tenant WHERE id <> ''",
  );
  expect((await call('GET /sso')).body).toMatchObject({ entitled: false, connection: { enforced: true } });
  for (const request of [call('PUT /sso', settings()), call('POST /sso/test', { issuer: provider.issuer, clientId: 'x', scopes: ['openid'] })]) {
    expect((await request).body).toMatchObject({ status: 403, code: 'NOT_ENTITLED', detail: expect.stringContaining('sso') });
  }
  expect((await call('POST /sso/start', { email: 'ann@acme.example' }, null)).body).toMatchObject({ code: 'NOT_ENTITLED' });
  expect((await (await signedIn(world, 'ann@acme.example', PASSWORD)).call('GET /me')).status).toBe(200);
  await world.rows('DELETE FROM tenant_plan');
});

it('lets whoever came by it so far choose a first password, for the day when it is gone', async () => {
  const userId = (await (await enter(person('solo@acme.example'))).call('GET /me')).body.user.id;
  expect(await world.rows('SELECT 1 FROM auth.account WHERE user_id = $1', [userId])).toEqual([]);
  const code = newSecret();
  await world.rows(
    "INSERT INTO auth.account_code (hash, user_id, purpose, email, expires_at) VALUES ($1, $2, 'reset-password', 'solo@acme.example', now() + interval '1 hour')",
    [secretHash(code), userId],
  );
  expect((await call('POST /account/password-reset/confirm', { code, password: PASSWORD }, null)).status).toBe(204);
  await connect({ enforced: false });
  expect((await (await signedIn(world, 'solo@acme.example', PASSWORD)).call('GET /me')).status).toBe(200);
});

it('asks for an owner with a password before it is the only way, and ends its sessions when it is removed', async () => {
  await world.rows("UPDATE auth.account SET provider_id = 'gone' WHERE user_id IN (SELECT user_id FROM membership WHERE role = 'owner')");
  expect((await call('PUT /sso', settings({ enforced: true }))).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/enforced' }] });
  await world.rows("UPDATE auth.account SET provider_id = 'credential' WHERE provider_id = 'gone'");
  const ann = await enter('ann@acme.example');
  expect((await call('DELETE /sso')).status).toBe(204);
  expect((await ann.call('GET /me')).status).toBe(401);
  expect((await call('DELETE /sso')).body).toMatchObject({ code: 'NOT_FOUND' });
  expect((await call('POST /sso/find', { email: 'ann@acme.example' }, null)).body).toEqual({ provider: null });
});
