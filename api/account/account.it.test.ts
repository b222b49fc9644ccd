import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, FOUNDER, openApiWorld, setUp } from '../testing/api-world.ts';
import { browsing, cookiesOf, signedIn } from '../testing/people.ts';

const ORIGIN = 'http://localhost:4310';
const auth = (world: ApiWorld, path: string, body: object, cookie = '') =>
  world.call(`POST /api/auth/${path}`, body, { base: '', headers: { origin: ORIGIN, ...(cookie ? { cookie } : {}) } });

/** What an authenticator app shows for a secret in base 32 at this time. */
function totp(secret: string, at = Date.now()): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The code in the link of the latest mail of a kind; sealed for the worker, which these tests stand in for. */
async function mailedCode(world: ApiWorld, template: string): Promise<string> {
  let link = '';
  await expect
    .poll(async () => {
      const [mail] = await world.rows<{ id: string; sealed: string }>(
        "SELECT id, sealed FROM mail_message WHERE template = $1 AND state = 'waiting' ORDER BY id DESC LIMIT 1",
        [template],
      );
      if (!mail) return '';
      link = (JSON.parse(await world.deps.secrets.open(mail.sealed, `mail/${mail.id}`)) as { link: string }).link;
      return link;
    })
    .toContain('#code=');
  return new URL(link).hash.slice('#code='.length);
}

describe('an account', () => {
  let world: ApiWorld;
  let password: string = FOUNDER.password;

  beforeAll(async () => {
    world = await openApiWorld({ env: { MAIL_FROM: 'claws@example.com' } });
    await setUp(world);
  });

  afterAll(() => world.close());

  const enter = () => signedIn(world, FOUNDER.email, password);

  it('refuses weak passwords wherever one is chosen, and says why', async () => {
    const me = await enter();
    const answer = await auth(world, 'change-password', { currentPassword: password, newPassword: 'password1234' }, me.headers.cookie);
    expect(answer.body).toMatchObject({ code: 'PASSWORD_WEAK' });
    expect((await auth(world, 'sign-in/email', { email: 'nobody@example.com', password: 'password1234' })).status).toBe(401);
  });

  it('shows where one is signed in and signs out elsewhere, never by a key', async () => {
    const here = await enter();
    const there = await enter();
    const { items } = (await here.call('GET /account/sessions')).body;
    expect(items[0]).toMatchObject({ current: true });
    expect(JSON.stringify(items)).not.toContain(decodeURIComponent(there.headers.cookie).split('=')[1]!.split('.')[0]);
    const other = items.find((session: { current: boolean }) => !session.current);
    expect((await here.call(`DELETE /account/sessions/${other.id}`)).status).toBe(204);
    expect((await here.call(`DELETE /account/sessions/${other.id}`)).status).toBe(404);
    expect((await here.call('POST /account/sessions/end-others')).status).toBe(204);
    expect((await there.call('GET /me')).status).toBe(401);
    const { secret } = (await here.call('POST /api-keys', { name: 'k' })).body;
    expect((await world.call('GET /account/sessions', undefined, { key: secret })).status).toBe(401);
  });

  it('confirms its address once by the link of a mail', async () => {
    const me = await enter();
    expect((await me.call('GET /account/security')).body).toMatchObject({ emailVerified: false, mail: true, password: true, secondFactor: false });
    expect((await me.call('POST /account/email-verification')).status).toBe(204);
    // However long the machine took since then.
    await world.rows("UPDATE auth.account_code SET created_at = now() + interval '1 hour'");
    expect((await me.call('POST /account/email-verification')).body).toMatchObject({ code: 'RATE_LIMITED' });
    const code = await mailedCode(world, 'verify-email');
    expect((await world.call('POST /account/email-verification/confirm', { code })).status).toBe(204);
    expect((await world.call('POST /account/email-verification/confirm', { code })).body).toMatchObject({ code: 'CODE_INVALID' });
    expect((await me.call('GET /account/security')).body).toMatchObject({ emailVerified: true });
  });

  it('gets a new password by mail: one code, one use, every session over, and nobody learns who has an account', async () => {
    const before = await enter();
    expect((await world.call('POST /account/password-reset', { email: 'nobody@example.com' })).status).toBe(204);
    expect((await world.call('POST /account/password-reset', { email: FOUNDER.email })).status).toBe(204);
    const code = await mailedCode(world, 'reset-password');
    expect(await world.rows("SELECT 1 FROM mail_message WHERE recipient = 'nobody@example.com'")).toEqual([]);
    const chosen = 'velvet otter sails north';
    expect((await world.call('POST /account/password-reset/confirm', { code, password: 'password1234' })).body).toMatchObject({ code: 'PASSWORD_WEAK' });
    const both = await Promise.all([1, 2].map(() => world.call('POST /account/password-reset/confirm', { code, password: chosen })));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 403]);
    password = chosen;
    expect((await before.call('GET /me')).status).toBe(401);
    await enter();
    expect(world.logged()).not.toContain(code);
  });

  it('asks for the second step once that is on, and takes each recovery code once', async () => {
    const me = await enter();
    const begun = (await auth(world, 'two-factor/enable', { password }, me.headers.cookie)).body as { totpURI: string; backupCodes: string[] };
    const secret = new URL(begun.totpURI).searchParams.get('secret') ?? '';
    const on = await auth(world, 'two-factor/verify-totp', { code: totp(secret) }, me.headers.cookie);
    expect(on.status).toBe(200);
    const half = await auth(world, 'sign-in/email', { email: FOUNDER.email, password });
    expect(half.body).toMatchObject({ twoFactorRedirect: true });
    expect((await browsing(world, FOUNDER.email, cookiesOf(half)).call('GET /me')).status).toBe(401);
    expect((await auth(world, 'two-factor/verify-totp', { code: '000000' }, cookiesOf(half))).status).toBe(401);
    const whole = await auth(world, 'two-factor/verify-totp', { code: totp(secret) }, cookiesOf(half));
    expect((await browsing(world, FOUNDER.email, cookiesOf(whole)).call('GET /account/security')).body).toMatchObject({ secondFactor: true });
    const [recovery] = begun.backupCodes;
    const statuses: number[] = [];
    for (let time = 0; time < 2; time += 1) {
      const again = await auth(world, 'sign-in/email', { email: FOUNDER.email, password });
      statuses.push((await auth(world, 'two-factor/verify-backup-code', { code: recovery }, cookiesOf(again))).status);
    }
    expect(statuses).toEqual([200, 401]);
    const rows = await world.rows<{ text: string }>('SELECT row_to_json(f)::text AS text FROM auth.two_factor f');
    expect(rows[0]?.text).not.toContain(recovery);
    const off = await auth(world, 'two-factor/disable', { password }, cookiesOf(whole));
    expect(off.status).toBe(200);
    const told = await world.rows<{ n: number }>("SELECT count(*)::integer AS n FROM mail_message WHERE template = 'security-changed'");
    expect(told[0]?.n).toBeGreaterThanOrEqual(3);
  });

  it('waits after wrong passwords, longer each time, and lets its owner in from where they were before', async () => {
    await enter();
    const wrong = () => auth(world, 'sign-in/email', { email: FOUNDER.email, password: 'not the password' });
    for (let time = 0; time < 5; time += 1) {
      expect((await wrong()).status).toBe(401);
    }
    expect(await world.rows('SELECT failures FROM auth.sign_in_wait WHERE known_until > now()')).toEqual([{ failures: 5 }]);
    // The first waits are so short that a slow machine is through before it can be refused.
    await world.rows('UPDATE auth.sign_in_wait SET failures = 15, last_failure_at = now() WHERE known_until > now()');
    const refused = await wrong();
    expect(refused.body).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await world.rows("UPDATE auth.sign_in_wait SET last_failure_at = now() - interval '1 hour'");
    await enter();
    expect(await world.rows('SELECT failures FROM auth.sign_in_wait WHERE known_until > now()')).toEqual([{ failures: 0 }]);
    // Others have guessed a thousand times from elsewhere: this place is known, and does not wait for them.
    await world.rows('UPDATE auth.sign_in_wait SET failures = 1000, last_failure_at = now() WHERE known_until IS NULL');
    await enter();
  });

  it('has to choose a new password when an administrator says so, and can do nothing else before', async () => {
    const me = await enter();
    const id = (await me.call('GET /me')).body.user.id as string;
    expect((await me.call(`POST /people/${id}/require-password-change`)).status).toBe(204);
    expect((await me.call('GET /me')).body).toMatchObject({ status: 403, code: 'PASSWORD_CHANGE_REQUIRED' });
    const chosen = 'copper violin under rain';
    const changed = await auth(world, 'change-password', { currentPassword: password, newPassword: chosen }, me.headers.cookie);
    expect(changed.status).toBe(200);
    password = chosen;
    expect((await me.call('GET /me')).status).toBe(200);
  });

  it('shows nothing of better-auth but what is named', async () => {
    for (const path of ['list-sessions', 'revoke-sessions', 'delete-user', 'change-email', 'issue-session', 'sign-up/email', 'two-factor/send-otp'])
      expect((await auth(world, path, { userId: 'x' }, (await enter()).headers.cookie)).status, path).toBe(404);
  });
});

describe('without a mail server', () => {
  it('the product says so and enqueues nothing', async () => {
    const world = await openApiWorld();
    try {
      await setUp(world);
      const me = await signedIn(world, FOUNDER.email, FOUNDER.password);
      expect((await me.call('GET /account/security')).body).toMatchObject({ mail: false });
      for (const answer of [await me.call('POST /account/email-verification'), await world.call('POST /account/password-reset', { email: FOUNDER.email })])
        expect(answer.body).toMatchObject({ status: 409, code: 'MAIL_NOT_CONFIGURED', nextStep: expect.stringContaining('MAIL_FROM') });
      expect(await world.rows('SELECT 1 FROM mail_message')).toEqual([]);
    } finally {
      await world.close();
    }
  });
});
