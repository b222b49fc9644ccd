import { afterAll, beforeAll, expect, it } from 'vitest';
import { Limits } from '../../workflows/contracts/limits.ts';
import { type ApiWorld, addStranger, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
});

afterAll(() => world.close());

const production = { name: 'Production', query: { labels: 'env=prod', phase: ['Running', 'Failed'], sort: 'name' } };

it('keeps a filter and order under a name, changes it and forgets it', async () => {
  const made = await world.call('POST /me/views', production, { key });
  expect(made).toMatchObject({ status: 201, body: { ...production, list: 'instances' } });
  const changed = await world.call(`PUT /me/views/${made.body.id}`, { name: 'Prod', query: { q: 'sales' } }, { key });
  expect(changed).toMatchObject({ status: 200, body: { id: made.body.id, name: 'Prod', query: { q: 'sales' } } });
  expect((await world.call('GET /me/views', undefined, { key })).body.items).toEqual([changed.body]);
  expect((await world.call(`DELETE /me/views/${made.body.id}`, undefined, { key })).status).toBe(204);
  expect((await world.call(`DELETE /me/views/${made.body.id}`, undefined, { key })).status).toBe(404);
  expect((await world.call('GET /me/views', undefined, { key })).body.items).toEqual([]);
});

it('refuses a second view of the same name, a wrong selector and an unknown phase, and says which field', async () => {
  await world.call('POST /me/views', { name: 'Twice', query: {} }, { key });
  expect((await world.call('POST /me/views', { name: 'Twice', query: {} }, { key })).body).toMatchObject({ status: 409, code: 'NAME_TAKEN' });
  expect((await world.call('POST /me/views', { name: 'Bad', query: { labels: '=,=' } }, { key })).status).toBe(422);
  expect((await world.call('POST /me/views', { name: 'Bad', query: { phase: ['Dancing'] } }, { key })).body.errors[0].path).toBe('/query/phase/0');
});

it('shows nobody the views of a colleague, and lets nobody change them', async () => {
  const { body: mine } = await world.call('POST /me/views', { name: 'Mine', query: {} }, { key });
  const [tenant] = await world.rows<{ tenant_id: string }>('SELECT tenant_id FROM saved_view WHERE id = $1', [mine.id]);
  for (const other of [await addStranger(world, 'owner', ['read', 'write'], tenant!.tenant_id), await addStranger(world)]) {
    expect((await world.call('GET /me/views', undefined, { key: other.key })).body.items).toEqual([]);
    expect((await world.call(`PUT /me/views/${mine.id}`, { name: 'Theirs', query: {} }, { key: other.key })).status).toBe(404);
    expect((await world.call(`DELETE /me/views/${mine.id}`, undefined, { key: other.key })).status).toBe(404);
  }
});

it('belongs to a viewer as to anybody else, but a key that may only read saves nothing', async () => {
  const viewer = await addStranger(world, 'viewer');
  expect((await world.call('POST /me/views', { name: 'Watch', query: {} }, { key: viewer.key })).status).toBe(201);
  const reader = await addStranger(world, 'owner', ['read']);
  expect((await world.call('POST /me/views', { name: 'Watch', query: {} }, { key: reader.key })).status).toBe(403);
});

it('ends at a number that nobody reaches by hand', async () => {
  const person = await addStranger(world);
  for (let number = 0; number < Limits.savedViewsMax; number++) {
    expect((await world.call('POST /me/views', { name: `View ${number}`, query: {} }, { key: person.key })).status).toBe(201);
  }
  expect((await world.call('POST /me/views', { name: 'One more', query: {} }, { key: person.key })).body).toMatchObject({
    status: 409,
    code: 'QUOTA_EXCEEDED',
  });
});
