import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, FOUNDER, openApiWorld } from '../testing/api-world.ts';

let world: ApiWorld;

beforeAll(async () => {
  world = await openApiWorld();
});

afterAll(() => world.close());

const origin = { origin: 'http://localhost:4310' };
const cookieOf = (headers: Headers) =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');

const signIn = (password: string) => world.call('POST /api/auth/sign-in/email', { email: FOUNDER.email, password }, { base: '', headers: origin });

describe('the first set-up', () => {
  it('refuses a wrong code, a short password and unknown fields, and makes nobody', async () => {
    expect((await world.call('GET /setup')).body).toEqual({ needed: true });
    expect((await world.call('POST /setup', { code: 'wrong', ...FOUNDER })).body).toMatchObject({ status: 403, code: 'SETUP_CODE_INVALID' });
    expect((await world.call('POST /setup', { code: world.setupCode, ...FOUNDER, password: 'short' })).body.errors).toMatchObject([{ path: '/password' }]);
    expect((await world.call('POST /setup', { code: world.setupCode, ...FOUNDER, role: 'owner' })).body.errors).toMatchObject([{ path: '/role' }]);
    expect(await world.rows('SELECT id FROM auth."user"')).toEqual([]);
  });

  it('makes one administrator, however many use the code at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        world.call('POST /setup', { code: world.setupCode, ...FOUNDER, email: n === 0 ? FOUNDER.email : `x${n}@example.com` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 201)) expect(body.code).toBe('SETUP_DONE');
    expect(await world.rows('SELECT role FROM membership')).toEqual([{ role: 'owner' }]);
    expect(await world.rows('SELECT id FROM auth."user"')).toHaveLength(1);
    const [made] = answers.filter(({ status }) => status === 201);
    expect(made!.body.user.id).toMatch(/^usr_/);
    expect(made!.headers.getSetCookie().join()).toMatch(/clawloops\.session_token=.*HttpOnly.*SameSite=Lax/i);
    await world.rows('UPDATE auth."user" SET email = $1', [FOUNDER.email]);
  });

  it('is over after that', async () => {
    expect((await world.call('GET /setup')).body).toEqual({ needed: false });
    expect((await world.call('POST /setup', { code: world.setupCode, ...FOUNDER, email: 'second@example.com' })).body).toMatchObject({
      status: 409,
      code: 'SETUP_DONE',
    });
    const signUp = await world.call(
      'POST /api/auth/sign-up/email',
      { name: 'Eve', email: 'eve@example.com', password: 'long enough password' },
      { base: '', headers: origin },
    );
    expect(signUp.status).toBe(404);
    expect(await world.rows('SELECT id FROM auth."user"')).toHaveLength(1);
  });
});

describe('a session', () => {
  it('begins with the right password only and tells who one is', async () => {
    expect((await signIn('wrong password')).status).toBe(401);
    const signedIn = await signIn(FOUNDER.password);
    expect(signedIn.status).toBe(200);
    const me = await world.call('GET /me', undefined, { headers: { cookie: cookieOf(signedIn.headers) } });
    expect(me.body).toMatchObject({
      user: { name: FOUNDER.name, email: FOUNDER.email },
      tenant: { role: 'owner' },
      auth: 'session',
      project: { name: 'default' },
    });
    expect(me.body.abilities).toContainEqual({ action: expect.arrayContaining(['read', 'create']), subject: ['Instance'] });
  });

  it('changes something only for the portal itself', async () => {
    const cookie = cookieOf((await signIn(FOUNDER.password)).headers);
    const from = (headers: Record<string, string>) => world.call('POST /api-keys', { name: 'k' }, { headers: { cookie, ...headers } });
    expect((await from({ origin: 'https://evil.example' })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await from({})).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await from(origin)).status).toBe(201);
    expect((await from({ origin: 'http://127.0.0.1:4310' })).status).toBe(201);
    expect((await from({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('ends with the sign-out, and not before its expiry otherwise', async () => {
    const cookie = cookieOf((await signIn(FOUNDER.password)).headers);
    await world.call('POST /api/auth/sign-out', {}, { base: '', headers: { cookie, ...origin } });
    expect((await world.call('GET /me', undefined, { headers: { cookie } })).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    const other = cookieOf((await signIn(FOUNDER.password)).headers);
    await world.rows("UPDATE auth.session SET expires_at = now() - interval '1 second'");
    expect((await world.call('GET /me', undefined, { headers: { cookie: other } })).status).toBe(401);
  });

  it('of a tenant one is not a member of is not there', async () => {
    const cookie = cookieOf((await signIn(FOUNDER.password)).headers);
    expect((await world.call('GET /me', undefined, { headers: { cookie, 'x-tenant': 'ten_00000000000000000000' } })).body).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });
});

it('writes neither password nor code nor cookie into a log', () => {
  const logged = world.logged();
  expect(logged).not.toBe('');
  for (const secret of [FOUNDER.password, world.setupCode, 'session_token']) expect(logged).not.toContain(secret);
});
