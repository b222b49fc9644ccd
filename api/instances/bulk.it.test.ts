import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Phase } from '../../workflows/contracts/instance.ts';
import { type Answer, type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { join } from '../testing/people.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
});

afterAll(() => world.close());

beforeEach(() => world.rows('UPDATE instance SET destroyed_at = now() WHERE destroyed_at IS NULL'));

let count = 100;

/** An instance that rests in this phase with nothing under way. */
async function claw(intent: Phase, labels: Record<string, string> = {}): Promise<string> {
  const { body } = await world.call('POST /instances', { name: `claw-${++count}`, labels, resources: { cpu: '1m', memory: '16Mi' } }, { key });
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [body.instance.id]);
  await world.rows('UPDATE instance SET intent_phase = $2 WHERE id = $1', [body.instance.id, intent]);
  return body.instance.id;
}

const bulk = (body: unknown, { query = '', ...options }: { query?: string; key?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  world.call(`POST /instances/bulk${query}`, body, { key, ...options });

const operations = (kind: string) => world.rows<{ instance_id: string }>('SELECT instance_id FROM operation WHERE kind = $1 ORDER BY instance_id', [kind]);

it('accepts for each one that may, and says of each other why not', async () => {
  const [stopped, failed] = [await claw('Stopped'), await claw('Failed')];
  const updating = await claw('Updating');
  const answer = await bulk({ ids: [stopped, updating, failed], action: { kind: 'start' } });
  expect(answer).toMatchObject({ status: 202, body: { accepted: 2, refused: 1 } });
  expect(answer.body.items.map((item: { id: string }) => item.id)).toEqual([stopped, updating, failed]);
  expect(answer.body.items[1]).toMatchObject({ operationId: null, refusal: { code: 'ILLEGAL_TRANSITION' } });
  expect((await world.call(`GET /operations/${answer.body.items[0].operationId}`, undefined, { key })).body).toMatchObject({
    kind: 'start',
    target: { id: stopped },
    requestId: answer.headers.get('x-request-id'),
  });
});

it('shows who is affected and who is left out without doing anything', async () => {
  await claw('Stopped', { env: 'preview' });
  await claw('Updating', { env: 'preview' });
  const before = await world.rows('SELECT count(*) FROM operation');
  const answer = await bulk({ selector: { labels: 'env=preview' }, action: { kind: 'start' } }, { query: '?dryRun=true' });
  expect(answer).toMatchObject({ status: 200, body: { accepted: 1, refused: 1 } });
  expect(answer.body.items.every((item: { operationId: string | null }) => item.operationId === null)).toBe(true);
  expect(await world.rows('SELECT count(*) FROM operation')).toEqual(before);
});

it('finds by label and phase what a list would show', async () => {
  const wanted = await claw('Stopped', { env: 'prod' });
  await claw('Failed', { env: 'prod' });
  await claw('Stopped', { env: 'dev' });
  const answer = await bulk({ selector: { labels: 'env=prod', phase: ['Stopped'] }, action: { kind: 'start' } });
  expect(answer.body.items.map((item: { id: string }) => item.id)).toEqual([wanted]);
});

it('repeated with its key goes on where it ended, with those that were found first, and accepts nothing twice', async () => {
  const [first, second] = [await claw('Stopped', { batch: 'a' }), await claw('Stopped', { batch: 'a' })];
  const request = { selector: { labels: 'batch=a', phase: ['Stopped'] }, action: { kind: 'start' } };
  const headers = { 'idempotency-key': 'bulk-1' };
  const answer = await bulk(request, { headers });
  expect(answer.body.accepted).toBe(2);
  // As if the process had been killed between the two: what the second one left is not there.
  await world.rows("DELETE FROM idempotency_record WHERE key = 'bulk-1/' || $1", [second]);
  await world.rows('DELETE FROM operation WHERE instance_id = $1 AND kind = $2', [second, 'start']);
  await world.rows("UPDATE instance SET intent_phase = 'Starting' WHERE id = $1", [first]);
  const again = await bulk(request, { headers });
  expect(again.body.items.map((item: { id: string }) => item.id)).toEqual([first, second]);
  expect(again.body.items[0].operationId).toBe(answer.body.items[0].operationId);
  expect(again.body.items[1]).toMatchObject({ refusal: null });
  expect((await operations('start')).filter(({ instance_id: id }) => id === first || id === second)).toHaveLength(2);
  expect((await bulk({ ...request, action: { kind: 'stop' } }, { headers })).body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_MISMATCH' });
});

it('sets and removes labels and keeps the others', async () => {
  const id = await claw('Running', { env: 'dev', team: 'a' });
  expect((await bulk({ ids: [id], action: { kind: 'label', set: { env: 'prod' }, remove: ['team'] } })).body.accepted).toBe(1);
  expect((await world.call(`GET /instances/${id}`, undefined, { key })).body.labels).toEqual({ env: 'prod' });
});

it('destroys with the retention that was asked for', async () => {
  const id = await claw('Stopped');
  await bulk({ ids: [id], action: { kind: 'destroy', retention: 'wipe' } });
  expect(await world.rows("SELECT params FROM operation WHERE instance_id = $1 AND kind = 'destroy'", [id])).toEqual([{ params: { retention: 'wipe' } }]);
});

it('says of the id of another tenant no more than of one that nobody has', async () => {
  const id = await claw('Stopped');
  const stranger = await addStranger(world);
  const answer = await bulk({ ids: [id], action: { kind: 'start' } }, { key: stranger.key });
  expect(answer.body.items).toEqual([{ id, name: null, phase: null, operationId: null, refusal: expect.objectContaining({ code: 'NOT_FOUND' }) }]);
});

it('accepts nothing of viewers but for claws of their own, and needs either ids or a selector', async () => {
  const id = await claw('Running');
  const viewer = await join(world, key, 'viewer@example.com', 'viewer');
  const refused = await viewer.call('POST /instances/bulk', { ids: [id], action: { kind: 'stop' } });
  expect(refused.body).toMatchObject({ accepted: 0, items: [{ id, operationId: null, refusal: { code: 'FORBIDDEN' } }] });
  expect((await bulk({ action: { kind: 'stop' } })).body).toMatchObject({ status: 422, errors: [{ path: '/ids' }] });
  expect((await bulk({ ids: [await claw('Stopped')], action: { kind: 'label' } })).status).toBe(422);
});
