import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let owner: string;
let tenantId: string;

beforeAll(async () => {
  world = await openApiWorld();
  owner = await setUp(world);
  await hostOnline(world);
  tenantId = (await world.call('GET /me', undefined, { key: owner })).body.tenant.id;
});

afterAll(() => world.close());

const project = async (name: string): Promise<string> => (await world.call('POST /projects', { name }, { key: owner })).body.id;
const claw = async (name: string, projectId: string): Promise<string> =>
  (await world.call('POST /instances', { name, projectId, resources: { cpu: '10m', memory: '64Mi' } }, { key: owner })).body.instance.id;

async function person(role: string): Promise<{ readonly key: string; readonly userId: string }> {
  const { key } = await addStranger(world, role, ['read', 'write'], tenantId);
  return { key, userId: (await world.call('GET /me', undefined, { key })).body.user.id };
}

const namesFor = async (path: string, key: string): Promise<string[]> =>
  (await world.call(`GET ${path}`, undefined, { key })).body.items.map(({ name }: { name: string }) => name).sort();

it('have names of their own, which are free again after a deletion', async () => {
  const id = await project('alpha');
  expect((await world.call('POST /projects', { name: 'alpha' }, { key: owner })).body).toMatchObject({
    status: 409,
    code: 'NAME_TAKEN',
    errors: [{ path: '/name' }],
  });
  expect((await world.call(`PUT /projects/${id}`, { name: 'beta' }, { key: owner })).body.name).toBe('beta');
  expect((await world.call(`DELETE /projects/${id}`, undefined, { key: owner })).status).toBe(204);
  expect((await world.call(`GET /projects/${id}`, undefined, { key: owner })).status).toBe(404);
  expect(await project('beta')).not.toBe(id);
});

it('with living instances are not deleted, and the refusal names them', async () => {
  const id = await project('busy');
  const instanceId = await claw('keeps-it', id);
  expect((await world.call(`DELETE /projects/${id}`, undefined, { key: owner })).body).toMatchObject({
    code: 'STILL_IN_USE',
    detail: 'The project still has keeps-it.',
  });
  await world.rows("UPDATE instance SET intent_phase = 'Destroyed', destroyed_at = now() WHERE id = $1", [instanceId]);
  expect((await world.call(`DELETE /projects/${id}`, undefined, { key: owner })).status).toBe(204);
  expect((await world.call('POST /instances', { name: 'late', projectId: id }, { key: owner })).status).toBe(404);
});

it('of a tenant do not all go', async () => {
  const other = await addStranger(world);
  expect((await world.call(`DELETE /projects/${other.projectId}`, undefined, { key: other.key })).body.detail).toBe('A tenant keeps at least one project.');
});

it('open to a member with a grant, and nothing else of the tenant does', async () => {
  const [open, closed] = [await project('open'), await project('closed')];
  const [seen, hidden] = [await claw('seen', open), await claw('hidden', closed)];
  const { key, userId } = await person('member');
  for (const path of ['/instances', '/projects', '/operations', '/events'])
    expect((await world.call(`GET ${path}`, undefined, { key })).body.items ?? [], path).toEqual([]);
  const granted = await world.call(`PUT /projects/${open}/grants/${userId}`, { role: 'viewer' }, { key: owner });
  expect(granted.body.grants).toMatchObject([{ userId, role: 'viewer' }]);
  expect(await namesFor('/instances', key)).toEqual(['seen']);
  expect(await namesFor('/projects', key)).toEqual(['open']);
  const subjects = (await world.call('GET /events', undefined, { key })).body.items.map(({ subject }: { subject: { id: string } }) => subject.id);
  expect([...new Set(subjects)]).toEqual([seen]);
  for (const path of ['', '/logs', '/events', '/operations', '/config', '/metrics', '/usage'])
    expect((await world.call(`GET /instances/${hidden}${path}`, undefined, { key })).status, path).toBe(404);
  expect((await world.call(`POST /instances/${seen}/stop`, undefined, { key })).status).toBe(403);
  expect((await world.call(`POST /instances/${hidden}/stop`, undefined, { key })).status).toBe(404);
  expect((await world.call(`DELETE /projects/${open}/grants/${userId}`, undefined, { key: owner })).body.grants).toEqual([]);
  expect((await world.call(`GET /instances/${seen}`, undefined, { key })).status).toBe(404);
});

it('give whoever operates one no right in another, one by one or many at once', async () => {
  const [mine, theirs] = [await project('mine'), await project('theirs')];
  const [own, other] = [await claw('own', mine), await claw('other', theirs)];
  const { key, userId } = await person('viewer');
  await world.call(`PUT /projects/${mine}/grants/${userId}`, { role: 'operator' }, { key: owner });
  expect((await world.call(`POST /instances/${own}/kill`, undefined, { key })).status).toBe(202);
  expect((await world.call(`POST /instances/${other}/kill`, undefined, { key })).status).toBe(403);
  const bulk = await world.call('POST /instances/bulk?dryRun=true', { ids: [own, other], action: { kind: 'destroy' } }, { key });
  expect(bulk.body.items.map(({ refusal }: { refusal: { code: string } | null }) => refusal?.code ?? null)).toEqual([null, 'FORBIDDEN']);
  expect((await world.call('POST /instances', { name: 'new', projectId: mine, resources: { cpu: '10m', memory: '64Mi' } }, { key })).status).toBe(202);
  expect((await world.call('POST /instances', { name: 'new', projectId: theirs }, { key })).status).toBe(403);
});

it('are granted to members only', async () => {
  const id = await project('members-only');
  const stranger = await addStranger(world);
  const userId = (await world.call('GET /me', undefined, { key: stranger.key })).body.user.id;
  expect((await world.call(`PUT /projects/${id}/grants/${userId}`, { role: 'viewer' }, { key: owner })).status).toBe(404);
});

it('let everybody run a claw of their own, and show it to no other member', async () => {
  const instanceId = await claw('personal', await project('personal'));
  const [mine, other] = [await person('member'), await person('member')];
  await world.rows('UPDATE instance SET owner_id = $2 WHERE id = $1', [instanceId, mine.userId]);
  expect(await namesFor('/instances', mine.key)).toEqual(['personal']);
  expect((await world.call(`POST /instances/${instanceId}/kill`, undefined, { key: mine.key })).status).toBe(202);
  expect((await world.call(`GET /instances/${instanceId}`, undefined, { key: other.key })).status).toBe(404);
  expect(await namesFor('/instances', other.key)).toEqual([]);
});
