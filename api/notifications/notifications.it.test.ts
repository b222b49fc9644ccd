import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailbox } from '../../activities/platform/mailbox.ts';
import { createNotifier, type Notice } from '../../prisma/notifier.ts';
import { type ApiWorld, addStranger, openApiWorld, setUp } from '../testing/api-world.ts';

const PORTAL = 'https://claws.example.com';

let world: ApiWorld;
let key: string;
let tenantId: string;
let owner: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  const { tenant, user } = (await world.call('GET /me', undefined, { key })).body;
  [tenantId, owner] = [tenant.id, user.id];
});

afterAll(() => world.close());

const notice = (dedupeKey: string, to: Notice['to'] = { roles: ['owner'] }): Notice => ({
  tenantId,
  kind: 'approval-needed',
  subject: { id: 'rol_00000000000000000001', name: 'spring' },
  data: { wave: null, author: 'Eve' },
  to,
  dedupeKey,
  path: '/rollouts/rol_00000000000000000001',
});

async function notify(...notices: readonly Notice[]): Promise<void> {
  const notifier = createNotifier({ mailbox: createMailbox(world.deps.secrets, true), publicUrl: PORTAL });
  await world.deps.database.withTenantSql(tenantId, async (sql) => {
    for (const one of notices) await notifier.notify(sql, one);
  });
}

const mine = async (query = '', as = key) => (await world.call(`GET /me/notifications${query}`, undefined, { key: as })).body;
const mails = (to: string) =>
  world.rows<{ template: string; locale: string }>(
    'SELECT m.template, m.locale FROM mail_message m JOIN auth."user" u ON u.email = m.recipient WHERE u.id = $1 ORDER BY m.id',
    [to],
  );

it('tells people of a role once, in the portal and by mail, whatever is tried again', async () => {
  await notify(notice('first'), notice('first'));
  await notify(notice('first'));
  expect(await mine()).toMatchObject({
    items: [{ kind: 'approval-needed', subject: { name: 'spring' }, data: { wave: null, author: 'Eve' }, readAt: null }],
    total: 1,
  });
  expect(await mails(owner)).toEqual([{ template: 'notification', locale: 'en' }]);
});

it('tells nobody of another role, nobody who is left out, and nobody who does not belong here any more', async () => {
  const approver = await addStranger(world, 'approver', ['read', 'write'], tenantId);
  const viewer = await addStranger(world, 'viewer', ['read', 'write'], tenantId);
  const author = (await world.call('GET /me', undefined, { key: approver.key })).body.user.id;
  await notify(notice('second', { roles: ['approver'], except: [author] }), notice('third', { roles: ['approver'] }));
  expect((await mine('', approver.key)).total).toBe(1);
  expect((await mine('', viewer.key)).total).toBe(0);
  await world.rows('UPDATE membership SET suspended_at = now() WHERE user_id = $1', [author]);
  await notify(notice('fourth', { userIds: [author] }));
  expect(await world.rows('SELECT 1 FROM notification WHERE user_id = $1', [author])).toHaveLength(1);
});

it('counts what is unread, pages through it, and reads some or all, but never those of others', async () => {
  await notify(notice('page-1'), notice('page-2'), notice('page-3'));
  const first = await mine('?limit=2');
  const second = await mine(`?limit=2&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual((await mine()).items.map(({ id }: { id: string }) => id));
  const stranger = await addStranger(world, 'owner', ['read', 'write'], tenantId);
  await world.call('POST /me/notifications/read', { ids: [first.items[0].id] }, { key: stranger.key });
  expect((await mine()).total).toBe(4);
  await world.call('POST /me/notifications/read', { ids: [first.items[0].id] }, { key });
  expect(await mine('?unread=true')).toMatchObject({ total: 3 });
  expect((await mine('?unread=false')).items.map(({ id }: { id: string }) => id)).toEqual([first.items[0].id]);
  await world.call('POST /me/notifications/read', {}, { key });
  expect(await mine('?unread=true')).toMatchObject({ items: [], total: 0 });
});

it('reaches somebody only in the ways that they chose, in their language', async () => {
  const settings = (body: object) => world.call('PUT /me/notification-settings', body, { key });
  expect((await world.call('GET /me/notification-settings', undefined, { key })).body).toMatchObject({
    locale: 'en',
    mail: expect.arrayContaining(['approval-needed']),
  });
  const before = (await mails(owner)).length;
  await settings({ portal: [], mail: ['approval-needed'], locale: 'ja' });
  await notify(notice('by-mail'));
  expect((await mine()).total).toBe(0);
  expect((await mails(owner)).slice(before)).toEqual([{ template: 'notification', locale: 'ja' }]);
  await settings({ portal: ['approval-needed'], mail: [], locale: 'ja' });
  await notify(notice('in-portal'));
  expect((await mine()).total).toBe(1);
  expect(await mails(owner)).toHaveLength(before + 1);
  await settings({ portal: [], mail: [], locale: 'ja' });
  await notify(notice('nowhere'));
  expect((await mine()).total).toBe(1);
  expect((await settings({ portal: ['weather'], mail: [], locale: 'ja' })).body.errors[0].path).toBe('/portal/0');
});

it('shows nothing to a key of single projects, and lets it change nothing', async () => {
  const { items } = (await world.call('GET /projects', undefined, { key })).body;
  const limited = await world.call('POST /api-keys', { name: 'of-one', scopes: ['read', 'write'], projectIds: [items[0].id] }, { key });
  const as = { key: limited.body.secret };
  await world.call('PUT /me/notification-settings', { portal: ['approval-needed'], mail: [], locale: 'en' }, { key });
  await notify(notice('not-for-keys'));
  const before = await mine();
  const settings = { portal: [], mail: [], locale: 'zh' };
  const asked = await Promise.all([
    world.call('GET /me/notifications', undefined, as),
    world.call('POST /me/notifications/read', {}, as),
    world.call('GET /me/notification-settings', undefined, as),
    world.call('PUT /me/notification-settings', settings, as),
  ]);
  expect(asked.map(({ body }) => body.code)).toEqual(Array(4).fill('FORBIDDEN'));
  expect(before.total).toBeGreaterThan(0);
  expect(await mine()).toEqual(before);
  expect((await world.call('GET /me/notification-settings', undefined, { key })).body.locale).toBe('en');
});
