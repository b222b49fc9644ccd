import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, addStranger, FOUNDER, openApiWorld, setUp } from '../testing/api-world.ts';
import { browsing, codeOf, cookiesOf, join, PASSWORD, signedIn } from '../testing/people.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  tenantId = (await call('GET /me')).body.tenant.id;
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, as: string | null = key) => world.call(request, body, { key: as });
const anybody = (request: string, body: unknown) => world.call(request, body);
const users = (email: string) => world.rows<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [email]);

async function invite(email: string, role = 'viewer') {
  const [item] = (await call('POST /invitations', { emails: [email], role })).body.items;
  return { id: item.invitation.id as string, code: codeOf(item.link) };
}

describe('inviting', () => {
  it('answers for each address by itself, and shows the link only then', async () => {
    await invite('waiting@example.com');
    const answer = await call('POST /invitations', {
      emails: ['New@Example.com', 'new@example.com', 'nonsense', FOUNDER.email, 'waiting@example.com'],
      role: 'operator',
    });
    expect(answer.body).toMatchObject({ invited: 1, refused: 3 });
    expect(answer.body.items.map(({ email, refusal }: { email: string; refusal: { code: string } | null }) => [email, refusal?.code ?? null])).toEqual([
      ['new@example.com', null],
      ['nonsense', 'VALIDATION_FAILED'],
      [FOUNDER.email, 'ALREADY_MEMBER'],
      ['waiting@example.com', 'INVITATION_PENDING'],
    ]);
    const [{ link, invitation }] = answer.body.items;
    expect(link).toMatch(/^http:\/\/localhost:4310\/invite#inv_[0-9a-z]{20}_[A-Za-z0-9_-]{43}$/);
    expect(invitation).toMatchObject({ role: 'operator', state: 'pending', mailed: false, invitedBy: { name: FOUNDER.name } });
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.sentAt)).toBe(72 * 3600 * 1000);
    const secret = codeOf(link).slice(25);
    const listed = await call('GET /invitations?state=pending');
    expect(listed.body.items.map(({ email }: { email: string }) => email)).toContain('new@example.com');
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    const [row] = await world.rows<{ text: string }>(
      `SELECT concat((SELECT string_agg(i::text, '') FROM invitation i), (SELECT string_agg(o.payload::text, '') FROM outbox o),
        (SELECT string_agg(a::text, '') FROM audit_event a), (SELECT string_agg(e::text, '') FROM fleet_event e)) AS text`,
    );
    expect(row!.text).toContain('new@example.com');
    expect(row!.text).not.toContain(secret);
  });

  it('repeats its answer to a repeated request, and keeps no link in the clear for it', async () => {
    const send = () => world.call('POST /invitations', { emails: ['twice@example.com'], role: 'viewer' }, { key, headers: { 'idempotency-key': 'twice' } });
    const [first, second] = [await send(), await send()];
    expect(second.body).toEqual(first.body);
    const [row] = await world.rows<{ text: string }>("SELECT body::text AS text FROM idempotency_record WHERE key = 'twice'");
    expect(row!.text).not.toContain(codeOf(first.body.items[0].link).slice(25));
  });

  it('of two who invite the same person at once lets one do it', async () => {
    const answers = await Promise.all([invite2('rush@example.com'), invite2('rush@example.com')]);
    expect(answers.map(({ body }) => body.invited).toSorted()).toEqual([0, 1]);
    async function invite2(email: string) {
      return call('POST /invitations', { emails: [email], role: 'viewer' });
    }
  });

  it('is for owners and admins, each up to their own role, and into projects that exist', async () => {
    const admin = await join(world, key, 'inviting-admin@example.com', 'admin');
    const operator = await join(world, key, 'inviting-operator@example.com', 'operator');
    expect((await admin.call('POST /invitations', { emails: ['x@example.com'], role: 'owner' })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await admin.call('POST /invitations', { emails: ['x@example.com'], role: 'admin' })).body.invited).toBe(1);
    for (const request of ['GET /invitations', 'POST /invitations']) {
      expect((await operator.call(request, request.startsWith('POST') ? { emails: ['y@example.com'], role: 'viewer' } : undefined)).status, request).toBe(403);
    }
    const grants = [{ projectId: `prj_${'0'.repeat(20)}`, role: 'viewer' }];
    expect((await call('POST /invitations', { emails: ['z@example.com'], role: 'member', grants })).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('takes back what an admin had offered who is no admin any more', async () => {
    const admin = await join(world, key, 'demoted@example.com', 'admin');
    const { items } = (await admin.call('POST /invitations', { emails: ['friend@example.com'], role: 'admin' })).body;
    await call(`PUT /members/${admin.userId}`, { role: 'viewer' });
    expect((await anybody('POST /invitations/preview', { code: codeOf(items[0].link) })).body).toMatchObject({ state: 'revoked' });
  });

  it('shows another tenant nothing of it', async () => {
    const { id } = await invite('private@example.com');
    const stranger = await addStranger(world);
    expect((await call('GET /invitations', undefined, stranger.key)).body.items).toEqual([]);
    expect((await call(`POST /invitations/${id}/resend`, {}, stranger.key)).status).toBe(404);
    expect((await call(`DELETE /invitations/${id}`, undefined, stranger.key)).status).toBe(404);
  });

  it('by mail commits the message with the invitation, sealed', async () => {
    const mailing = await world.second({ MAIL_FROM: 'claws@example.com' });
    const response = await fetch(`${mailing.url}/api/v1/invitations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'accept-language': 'ja' },
      body: JSON.stringify({ emails: ['mail@example.com'], role: 'viewer' }),
    });
    const { items } = (await response.json()) as { items: { link: string; invitation: { mailed: boolean } }[] };
    expect(items[0]!.invitation.mailed).toBe(true);
    const mails = await world.rows<{ text: string; template: string; locale: string }>(
      "SELECT m::text AS text, template, locale FROM mail_message m WHERE recipient = 'mail@example.com'",
    );
    expect(mails).toMatchObject([{ template: 'invitation', locale: 'ja' }]);
    expect(mails[0]!.text).not.toContain(codeOf(items[0]!.link).slice(25));
  });
});

describe('accepting', () => {
  it('makes an account with the role, signs it in, and tells the tenant', async () => {
    const { code } = await invite('bob@example.com', 'operator');
    expect((await anybody('POST /invitations/preview', { code })).body).toMatchObject({
      state: 'pending',
      email: 'bob@example.com',
      role: 'operator',
      invitedBy: { name: FOUNDER.name, email: FOUNDER.email },
      account: false,
      signedInAs: null,
    });
    const accepted = await anybody('POST /invitations/accept', { code, name: 'Bob', password: PASSWORD });
    expect(accepted.body).toMatchObject({ user: { name: 'Bob', email: 'bob@example.com' }, tenant: { id: tenantId }, role: 'operator' });
    const bob = browsing(world, 'bob@example.com', cookiesOf(accepted));
    expect((await bob.call('GET /me')).body).toMatchObject({ user: { id: accepted.body.user.id }, tenant: { id: tenantId, role: 'operator' } });
    await signedIn(world, 'bob@example.com', PASSWORD);
    expect((await call('GET /events?type=member.joined')).body.items.map(({ message }: { message: string }) => message)).toContain('Bob joined as operator.');
    expect(await world.rows("SELECT actor FROM audit_event WHERE action = 'invitation.accept' AND actor = $1", [accepted.body.user.id])).toHaveLength(1);
  });

  it('asks a new person for name and password, and says which is missing', async () => {
    const { code } = await invite('half@example.com');
    expect((await anybody('POST /invitations/accept', { code })).body.errors).toMatchObject([{ path: '/password' }, { path: '/name' }]);
    expect((await anybody('POST /invitations/accept', { code, name: 'H', password: 'short' })).body.errors).toMatchObject([{ path: '/password' }]);
    expect(await users('half@example.com')).toEqual([]);
  });

  it('is repeated by the same person without harm, and by nobody else', async () => {
    const { code } = await invite('again@example.com');
    const first = await anybody('POST /invitations/accept', { code, name: 'Again', password: PASSWORD });
    const again = browsing(world, 'again@example.com', cookiesOf(first));
    expect((await again.call('POST /invitations/accept', { code })).body).toEqual(first.body);
    expect((await anybody('POST /invitations/accept', { code, name: 'Again', password: PASSWORD })).body).toEqual(first.body);
    for (const body of [{ code }, { code, name: 'Eve', password: 'something else altogether' }]) {
      expect((await anybody('POST /invitations/accept', body)).body).toMatchObject({ status: 409, code: 'INVITATION_USED' });
    }
    const other = await join(world, key, 'somebody-else@example.com', 'viewer');
    expect((await other.call('POST /invitations/accept', { code })).body).toMatchObject({ status: 409, code: 'INVITATION_USED' });
    await call(`DELETE /members/${first.body.user.id}`);
    expect((await again.call('POST /invitations/accept', { code })).body).toMatchObject({ status: 409, code: 'INVITATION_USED' });
  });

  it('makes one account and one membership, however often it is sent at once', async () => {
    const { code } = await invite('eager@example.com');
    const answers = await Promise.all(Array.from({ length: 4 }, () => anybody('POST /invitations/accept', { code, name: 'Eager', password: PASSWORD })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
    const made = await users('eager@example.com');
    expect(made).toHaveLength(1);
    expect(await world.rows('SELECT 1 FROM membership WHERE user_id = $1', [made[0]!.id])).toHaveLength(1);
    expect(await world.rows("SELECT 1 FROM audit_event WHERE action = 'invitation.accept' AND actor = $1", [made[0]!.id])).toHaveLength(1);
  });

  it('leaves nothing behind when it breaks off, and works afterwards', async () => {
    const { code } = await invite('broken@example.com', 'approver');
    await world.rows("ALTER TABLE membership ADD CONSTRAINT nobody_joins CHECK (role <> 'approver') NOT VALID");
    expect((await anybody('POST /invitations/accept', { code, name: 'Broken', password: PASSWORD })).status).toBe(500);
    expect(await users('broken@example.com')).toEqual([]);
    await world.rows('ALTER TABLE membership DROP CONSTRAINT nobody_joins');
    expect((await anybody('POST /invitations/accept', { code, name: 'Broken', password: PASSWORD })).status).toBe(200);
  });

  it('with an account takes that account, signed in, and no other', async () => {
    const person = await join(world, key, 'known@example.com', 'viewer');
    await call(`DELETE /members/${person.userId}`);
    const { code } = await invite('known@example.com', 'operator');
    expect((await anybody('POST /invitations/preview', { code })).body).toMatchObject({ account: true });
    expect((await anybody('POST /invitations/accept', { code, name: 'Thief', password: PASSWORD })).body).toMatchObject({
      status: 409,
      code: 'INVITATION_NEEDS_SIGN_IN',
    });
    const founder = await signedIn(world, FOUNDER.email, FOUNDER.password);
    expect((await founder.call('POST /invitations/accept', { code })).body).toMatchObject({ status: 403, code: 'INVITATION_FOR_ANOTHER' });
    expect((await founder.call('POST /invitations/preview', { code })).body).toMatchObject({ signedInAs: FOUNDER.email });
    const foreign = { ...person.headers, origin: 'https://evil.example' };
    expect((await world.call('POST /invitations/accept', { code }, { headers: foreign })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await person.call('POST /invitations/accept', { code })).body).toMatchObject({ user: { id: person.userId }, role: 'operator' });
    expect((await person.call('GET /me')).body.tenant.role).toBe('operator');
  });

  it('is over once it was revoked or has expired, and says whom to ask', async () => {
    const revoked = await invite('revoked@example.com');
    expect((await call(`DELETE /invitations/${revoked.id}`)).status).toBe(204);
    expect((await call(`DELETE /invitations/${revoked.id}`)).status).toBe(204);
    const expired = await invite('expired@example.com');
    await world.rows("UPDATE invitation SET expires_at = now() - interval '1 second' WHERE id = $1", [expired.id]);
    for (const [state, { code }] of Object.entries({ revoked, expired })) {
      expect((await anybody('POST /invitations/preview', { code })).body.state).toBe(state);
      const { body } = await anybody('POST /invitations/accept', { code, name: 'Late', password: PASSWORD });
      expect(body).toMatchObject({ status: 410, code: `INVITATION_${state.toUpperCase()}` });
      expect(body.nextStep).toContain(FOUNDER.email);
    }
    expect((await call('GET /invitations?state=expired')).body.items.map(({ id }: { id: string }) => id)).toEqual([expired.id]);
    expect((await call('POST /invitations', { emails: ['expired@example.com'], role: 'viewer' })).body.invited).toBe(1);
    expect((await call(`POST /invitations/${expired.id}/resend`, {})).body).toMatchObject({ status: 409, code: 'INVITATION_PENDING' });
  });

  it('works with the newest link only', async () => {
    const { id, code } = await invite('resent@example.com');
    const resent = await call(`POST /invitations/${id}/resend`, {});
    expect((await anybody('POST /invitations/preview', { code })).body).toMatchObject({ status: 404, code: 'INVITATION_INVALID' });
    expect((await anybody('POST /invitations/accept', { code, name: 'Old', password: PASSWORD })).body.code).toBe('INVITATION_INVALID');
    const accepted = await anybody('POST /invitations/accept', { code: codeOf(resent.body.link), name: 'New', password: PASSWORD });
    expect(accepted.status).toBe(200);
    expect((await call(`POST /invitations/${id}/resend`, {})).body).toMatchObject({ status: 409, code: 'INVITATION_USED' });
    expect((await call(`DELETE /invitations/${id}`)).body).toMatchObject({ status: 409, code: 'INVITATION_USED' });
  });

  it('refuses every other code in the same way', async () => {
    const { code } = await invite('codes@example.com');
    const wrong = ['x', 'inv_nonsense', `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`, `inv_${'0'.repeat(20)}_${'A'.repeat(43)}`];
    for (const one of wrong)
      expect((await anybody('POST /invitations/preview', { code: one })).body, one).toMatchObject({ status: 404, code: 'INVITATION_INVALID' });
  });

  it('takes nobody into a tenant that is suspended', async () => {
    const { code } = await invite('suspended@example.com');
    await world.rows("UPDATE tenant SET state = 'suspended' WHERE id = $1", [tenantId]);
    expect((await anybody('POST /invitations/accept', { code, name: 'S', password: PASSWORD })).body.code).toBe('TENANT_SUSPENDED');
    await world.rows("UPDATE tenant SET state = 'active' WHERE id = $1", [tenantId]);
  });
});

it('writes no code and no password into a log', () => {
  const logged = world.logged();
  expect(logged).not.toBe('');
  expect(logged).not.toMatch(/inv_[0-9a-z]{20}_[A-Za-z0-9_-]{43}/);
  expect(logged).not.toContain(PASSWORD);
});
