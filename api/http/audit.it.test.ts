import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { auditHash } from './audit.ts';

let world: ApiWorld;

beforeAll(async () => {
  world = await openApiWorld();
  const key = await setUp(world);
  await hostOnline(world);
  await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      world.call('POST /instances', { name: `a-${n}`, labels: { 'z/b': '1', a: '2' }, resources: { cpu: '10m', memory: '64Mi' } }, { key }),
    ),
  );
  await world.call('POST /api-keys', { name: 'another', scopes: ['read'] }, { key });
});

afterAll(() => world.close());

it('chains every act of a tenant without gaps, in an order that hashes prove', async () => {
  const events = await world.rows(
    `SELECT id, tenant_id AS "tenantId", seq, actor, action, target, before, after, request_id AS "requestId", ip, at, hash FROM audit_event ORDER BY seq`,
  );
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map((event) => event.action))).toEqual(new Set(['platform.set-up', 'instance.create', 'api-key.create']));
  let previous = '';
  for (const { hash, at, ...link } of events) {
    expect(auditHash(previous, { ...link, at: (at as Date).toISOString() } as never), link.action).toBe(hash);
    previous = hash as string;
  }
  expect(await world.rows('SELECT seq, hash FROM audit_head')).toEqual([{ seq: events.length, hash: previous }]);
});

it('holds no secret in it', async () => {
  const [row] = await world.rows<{ text: string }>("SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), ' ') AS text FROM audit_event");
  expect(row!.text).not.toMatch(/clp_|hash/);
});
