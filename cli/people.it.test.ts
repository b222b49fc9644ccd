import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiWorld, FOUNDER, openApiWorld, setUp } from '../api/testing/api-world.ts';
import { codeOf, PASSWORD } from '../api/testing/people.ts';
import { startClaw } from './testing/run-claw.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
});

afterAll(() => world.close());

const claw = (...args: string[]) => startClaw(args, { env: { CLAW_URL: world.api.url, CLAW_API_KEY: key } }).finished;

test('claw invites people, whose links stand alone on standard output, and says of each who was refused why', async () => {
  const one = await claw('invite', 'bob@example.com', '--role', 'viewer', '--grant', 'default=operator');
  expect(one).toMatchObject({ code: 0, err: 'No mail server is set up: hand these links over. They are shown only now:\n' });
  expect(one.out).toMatch(/^http:\/\/localhost:4310\/invite#inv_[0-9a-z]{20}_[\w-]{43}\n$/);
  const several = await claw('invite', 'eve@example.com', FOUNDER.email, '--role', 'operator');
  expect(several.code).toBe(1);
  expect(several.out).toMatch(/^eve@example\.com {2}http\S+\n$/);
  expect(several.err).toContain(`${FOUNDER.email}: ${FOUNDER.email} is a member already.`);
  expect(await claw('invite', 'x@example.com', '--role', 'viewer', '--grant', 'nowhere=viewer')).toMatchObject({ code: 3 });
  expect(await claw('invite', 'x@example.com', '--role', 'emperor')).toMatchObject({ code: 2 });
});

test('claw lists, renews and revokes invitations', async () => {
  expect((await claw('invitation', 'list', '--state', 'pending')).out).toMatch(/bob@example\.com +viewer +default=operator +pending/);
  const before = JSON.parse((await claw('invitation', 'list', '-o', 'json')).out).items.length;
  const renewed = await claw('invitation', 'resend', 'eve@example.com');
  expect(renewed.out).toMatch(/^http\S+#inv_\S+\n$/);
  expect(await claw('invitation', 'revoke', 'eve@example.com')).toMatchObject({ code: 0 });
  expect(await claw('invitation', 'revoke', 'eve@example.com')).toMatchObject({ code: 3 });
  expect(JSON.parse((await claw('invitation', 'list', '-o', 'json')).out).items).toHaveLength(before);
});

test('claw lists members, gives them roles and removes them', async () => {
  const link = (await claw('invitation', 'resend', 'bob@example.com')).out.trim();
  const joined = await world.call('POST /invitations/accept', { code: codeOf(link), name: 'Bob', password: PASSWORD });
  expect(joined.status).toBe(200);
  expect((await claw('member', 'list')).out).toMatch(/bob@example\.com +Bob +viewer +default=operator/);
  expect((await claw('member', 'list', '--search', 'ada', '-o', 'name')).out).toBe(`${FOUNDER.email}\n`);
  expect((await claw('member', 'set-role', 'bob@example.com', 'admin')).out).toBe('bob@example.com is admin.\n');
  expect(await claw('member', 'set-role', 'nobody@example.com', 'admin')).toMatchObject({ code: 3 });
  expect((await claw('member', 'set-role', FOUNDER.email, 'viewer')).err).toContain('LAST_OWNER');
  expect((await claw('member', 'remove', 'bob@example.com', '--yes')).out).toBe('bob@example.com is removed. API keys revoked: 0, invitations revoked: 0.\n');
  expect((await claw('member', 'list', '-o', 'name')).out).toBe(`${FOUNDER.email}\n`);
});
