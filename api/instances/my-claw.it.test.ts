import { afterAll, beforeAll, expect, it } from 'vitest';
import { echoManifest } from '../../deploy/local/testing/echo-type.ts';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { join } from '../testing/people.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
});

afterAll(() => world?.close());

it('cannot be made where no host is, and says so', async () => {
  expect((await world.call('GET /my-claw', undefined, { key })).body).toMatchObject({ instance: null, notReady: { reason: 'HOST_OFFLINE' } });
  expect((await world.call('POST /my-claw', {}, { key })).body).toMatchObject({ code: 'HOST_OFFLINE' });
});

it('is one, however often and at once it is asked for', async () => {
  await hostOnline(world);
  await world.call('POST /claw-types', { ...echoManifest() }, { key });
  const answers = await Promise.all(Array.from({ length: 5 }, () => world.call('POST /my-claw', { type: 'echo' }, { key })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202]);
  expect(new Set(answers.map(({ body }) => body.instance.id)).size).toBe(1);
  const mine = await world.call('GET /my-claw', undefined, { key });
  expect(mine.body).toMatchObject({ instance: { name: 'ada-claw', status: { phase: 'Creating' } }, ready: false, notReady: { message: expect.any(String) } });
});

it('is their own for a member, who sees no other', async () => {
  const member = await join(world, key, 'ada@elsewhere.example.com', 'member');
  const made = await member.call('POST /my-claw', { type: 'echo' });
  expect(made.status).toBe(202);
  expect(made.body.instance).toMatchObject({ ownerId: member.userId, name: expect.stringMatching(/^ada-claw-\d{4}$/) });
  expect((await member.call('GET /instances')).body.items.map(({ id }: { id: string }) => id)).toEqual([made.body.instance.id]);
});

it('is made for nobody whose plan does not include it', async () => {
  await world.rows("INSERT INTO plan (name, entitlements, last_updated_by) VALUES ('none', '{}', 'usr') ON CONFLICT DO NOTHING");
  const [tenant] = await world.rows<{ id: string }>('SELECT id FROM tenant ORDER BY created_at LIMIT 1');
  await world.rows(
    `INSERT INTO tenant_plan (tenant_id, plan, last_updated_by) VALUES ($1, 'none', 'usr') ON CONFLICT (tenant_id) DO UPDATE SET plan = excluded.plan`,
    [tenant?.id],
  );
  const other = await join(world, key, 'grace@example.com', 'member');
  expect((await other.call('GET /my-claw')).body).toMatchObject({ entitled: false, notReady: { reason: 'NOT_ENTITLED' } });
  expect((await other.call('POST /my-claw', { type: 'echo' })).body).toMatchObject({ code: 'NOT_ENTITLED' });
});
