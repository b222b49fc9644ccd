import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  tenantId = (await world.call('GET /me', undefined, { key })).body.tenant.id;
});

afterAll(() => world.close());

const make = async (body: object) => (await world.call('POST /api-keys', body, { key })).body as { apiKey: { id: string }; secret: string };

it('shows the secret once, keeps a hash of it and notes when it was used', async () => {
  const { apiKey, secret } = await make({ name: 'ci' });
  expect(secret).toMatch(/^clp_[0-9a-z]{20}_[A-Za-z0-9_-]{43}$/);
  expect((await world.call('GET /me', undefined, { key: secret })).body.auth).toBe('key');
  const listed = (await world.call('GET /api-keys', undefined, { key })).body.items.find((item: { id: string }) => item.id === apiKey.id);
  expect(listed).not.toHaveProperty('secret');
  await expect.poll(async () => (await world.rows('SELECT last_used_at FROM api_key WHERE id = $1', [apiKey.id]))[0]?.last_used_at).toBeInstanceOf(Date);
  const [row] = await world.rows<{ text: string }>('SELECT row_to_json(k)::text AS text FROM api_key k WHERE id = $1', [apiKey.id]);
  expect(row!.text).not.toContain(secret.slice(25));
});

it('does not work any more once it is revoked or has expired', async () => {
  const { apiKey, secret } = await make({ name: 'short' });
  expect((await world.call(`DELETE /api-keys/${apiKey.id}`, undefined, { key })).status).toBe(204);
  expect((await world.call('GET /me', undefined, { key: secret })).body).toMatchObject({
    status: 401,
    code: 'UNAUTHENTICATED',
    detail: 'The API key was revoked.',
  });
  expect((await world.call(`DELETE /api-keys/${apiKey.id}`, undefined, { key })).status).toBe(404);
  const expiring = await make({ name: 'expiring', expiresAt: new Date(Date.now() + 60_000).toISOString() });
  await world.rows("UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1", [expiring.apiKey.id]);
  expect((await world.call('GET /me', undefined, { key: expiring.secret })).body.detail).toBe('The API key has expired.');
  expect((await world.call('POST /api-keys', { name: 'x', expiresAt: '2001-01-01T00:00:00Z' }, { key })).body.errors).toMatchObject([{ path: '/expiresAt' }]);
});

it('is refused when anything of it is wrong, always in the same way', async () => {
  const { secret } = await make({ name: 'right' });
  const wrong = [`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, `clp_${'0'.repeat(20)}_${'A'.repeat(43)}`, 'clp_nonsense', 'x'];
  for (const one of wrong) expect((await world.call('GET /me', undefined, { key: one })).body, one).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  expect((await world.call('GET /me')).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});

it('with the scope read only reads, and makes no key that may more', async () => {
  const { secret } = await make({ name: 'reader', scopes: ['read'] });
  expect((await world.call('GET /instances', undefined, { key: secret })).status).toBe(200);
  expect((await world.call('POST /instances', { name: 'x' }, { key: secret })).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect((await world.call('POST /api-keys', { name: 'more' }, { key: secret })).status).toBe(403);
});

it('has no more rights than the role of its owner', async () => {
  const viewer = await addStranger(world, 'viewer', ['read', 'write'], tenantId);
  expect((await world.call('GET /instances', undefined, { key: viewer.key })).status).toBe(200);
  expect((await world.call('POST /instances', { name: 'x' }, { key: viewer.key })).body).toMatchObject({
    status: 403,
    detail: 'The role viewer may not create Instance.',
  });
  const operator = await addStranger(world, 'operator', ['read', 'write'], tenantId);
  expect((await world.call('POST /instances', { name: 'by-operator', resources: { memory: '64Mi' } }, { key: operator.key })).status).toBe(202);
  expect((await world.call('POST /claw-types', {}, { key: operator.key })).status).toBe(403);
  const nobody = await addStranger(world, 'owner', ['read', 'write'], tenantId);
  await world.rows('DELETE FROM membership WHERE tenant_id = $1 AND user_id = (SELECT user_id FROM api_key WHERE id = $2)', [
    tenantId,
    `key_${nobody.key.slice(4, 24)}`,
  ]);
  expect((await world.call('GET /me', undefined, { key: nobody.key })).status).toBe(401);
});

it('shows nobody the keys of somebody else', async () => {
  const { apiKey } = await make({ name: 'mine' });
  const other = await addStranger(world, 'owner', ['read', 'write'], tenantId);
  expect((await world.call('GET /api-keys', undefined, { key: other.key })).body.items.map((item: { name: string }) => item.name)).toEqual(['test']);
  expect((await world.call(`DELETE /api-keys/${apiKey.id}`, undefined, { key: other.key })).status).toBe(404);
});

it('of a role and of single projects may no more than these, and makes no key that may more', async () => {
  const { id: projectId } = (await world.call('POST /projects', { name: 'narrow' }, { key })).body;
  const narrow = await make({ name: 'narrow', role: 'viewer', projectIds: [projectId] });
  expect(narrow.apiKey).toMatchObject({ role: 'viewer', projectIds: [projectId] });
  const me = (await world.call('GET /me', undefined, { key: narrow.secret })).body;
  expect(me).toMatchObject({ tenant: { role: 'member' }, grants: [{ projectId, role: 'viewer' }], platformRole: null });
  expect((await world.call('POST /instances', { name: 'x', projectId }, { key: narrow.secret })).status).toBe(403);
  expect((await world.call('GET /instances', undefined, { key: narrow.secret })).body.items).toEqual([]);
  expect((await world.call('GET /instances', undefined, { key })).body.items.length).toBeGreaterThan(0);
  const more = await Promise.all(
    [
      { role: 'operator', projectIds: [projectId] },
      { role: 'viewer', projectIds: ['prj_00000000000000000000'] },
    ].map((limits) => world.call('POST /api-keys', { name: 'more', ...limits }, { key: narrow.secret })),
  );
  expect(more.map(({ status }) => status)).toEqual([403, 403]);
  const same = await world.call('POST /api-keys', { name: 'same' }, { key: narrow.secret });
  expect(same.body.apiKey).toMatchObject({ role: 'viewer', projectIds: [projectId] });
  expect((await world.call('POST /api-keys', { name: 'x', projectIds: ['prj_00000000000000000000'] }, { key })).body.errors).toMatchObject([
    { path: '/projectIds/0' },
  ]);
});

it('is rotated with an overlap in which both work, and a limited key becomes no other', async () => {
  const { apiKey, secret } = await make({ name: 'turning', scopes: ['read'], expiresAt: new Date(Date.now() + 3600_000).toISOString() });
  const turned = await world.call(`POST /api-keys/${apiKey.id}/rotate`, { overlapSeconds: 600 }, { key });
  expect(turned.status).toBe(201);
  expect(turned.body.apiKey).toMatchObject({ name: 'turning', scopes: ['read'], expiresAt: expect.any(String) });
  expect(turned.body.apiKey.id).not.toBe(apiKey.id);
  for (const one of [secret, turned.body.secret]) expect((await world.call('GET /me', undefined, { key: one })).status).toBe(200);
  await world.rows("UPDATE api_key SET expires_at = expires_at - interval '601 seconds' WHERE id = $1", [apiKey.id]);
  expect((await world.call('GET /me', undefined, { key: secret })).body.detail).toBe('The API key has expired.');
  expect((await world.call(`POST /api-keys/${apiKey.id}/rotate`, {}, { key })).status).toBe(404);
  const narrow = await make({ name: 'narrow', role: 'operator' });
  expect((await world.call(`POST /api-keys/${turned.body.apiKey.id}/rotate`, {}, { key: narrow.secret })).status).toBe(403);
  const itself = await world.call(`POST /api-keys/${narrow.apiKey.id}/rotate`, { overlapSeconds: 0 }, { key: narrow.secret });
  expect(itself.body.apiKey).toMatchObject({ role: 'operator' });
  expect((await world.call('GET /me', undefined, { key: narrow.secret })).status).toBe(401);
});
