import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startThrowAwayPlatform, type ThrowAwayPlatform } from '../../deploy/local/testing/throw-away-platform.ts';
import { LOG_PIECE_PATH, logPieceHeaders } from '../../workflows/contracts/log-piece.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';
import { pruneLogs } from './log-retention.ts';

let store: ThrowAwayPlatform;
let world: ApiWorld;
let key: string;
let id: string;
let stranger: Stranger;

const HOUR = 3_600_000;
const START = Date.now() - 10 * HOUR;
const KEEP = { keepDays: 30, keepBytes: 2 ** 30 };

beforeAll(async () => {
  store = await startThrowAwayPlatform({ parts: ['seaweedfs'] });
  const { endpoint, accessKey, secretKey, bucket } = store.platform.objectStore;
  world = await openApiWorld({ env: { S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket } });
  key = await setUp(world);
  await hostOnline(world);
  id = (await call('POST /instances', { name: 'sales-bot', resources: { cpu: '10m', memory: '64Mi' } })).body.instance.id;
  stranger = await addStranger(world);
});

afterAll(async () => {
  await world?.close();
  await store?.remove();
});

const call = (request: string, body?: unknown, as = key) => world.call(request, body, { key: as });
const archives = async (query = '') => (await call(`GET /instances/${id}/logs/archives${query}`)).body;
const objects = () => world.rows<{ object_key: string }>('SELECT object_key FROM log_archive ORDER BY from_at');

interface Sent {
  readonly hour: number;
  readonly text: string;
  readonly instanceId?: string;
  readonly token?: string;
  readonly sha256?: string;
  readonly body?: Buffer;
}

/** As the bridge sends it; answers the status. */
async function send({ hour, text, instanceId = id, token = world.hostToken, sha256, body = gzipSync(text) }: Sent): Promise<number> {
  const piece = { from: START + hour * HOUR, to: START + (hour + 1) * HOUR, sha256: sha256 ?? createHash('sha256').update(body).digest('hex') };
  const response = await fetch(`${world.api.url}${LOG_PIECE_PATH}/${instanceId}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, ...logPieceHeaders(piece) },
    body: new Uint8Array(body),
  });
  await response.body?.cancel();
  return response.status;
}

describe('pieces of a log', () => {
  it('are archived once however often they are sent, also at the same time', async () => {
    const first = { hour: 1, text: 'one\nerror: two\n' };
    expect(await Promise.all([send(first), send(first), send({ hour: 2, text: 'three needle\nunfinished' })])).toEqual([200, 200, 200]);
    expect(await send(first)).toBe(200);
    const { items } = await archives();
    expect(items).toMatchObject([
      { lines: 2, rawBytes: 23, from: new Date(START + 2 * HOUR).toISOString() },
      { lines: 2, rawBytes: 15, to: new Date(START + 2 * HOUR).toISOString() },
    ]);
    expect(items[0].fileName).toMatch(/^sales-bot-.*Z-.*Z\.log\.gz$/);
    expect((await objects())[0]?.object_key).toMatch(new RegExp(`^tenants/ten_\\w+/instances/${id}/logs/\\d{8}T\\d{9}Z-\\d{8}T\\d{9}Z\\.log\\.gz$`));
  });

  it('are listed in pages and downloaded as they came', async () => {
    const page = await archives('?limit=1');
    const rest = await archives(`?limit=1&cursor=${page.nextCursor}`);
    expect([page.items, rest.items, rest.nextCursor]).toMatchObject([[{ lines: 2 }], [{ lines: 2 }], null]);
    const [piece] = rest.items;
    const response = await fetch(`${world.api.url}/api/v1/instances/${id}/logs/archives/${piece.id}/download`, { headers: { authorization: `Bearer ${key}` } });
    const content = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${piece.fileName}"`);
    expect(createHash('sha256').update(content).digest('hex')).toBe(piece.sha256);
    expect(gunzipSync(content).toString()).toBe('one\nerror: two\n');
  });

  it('are refused from strangers, damaged, or of a claw that is not there', async () => {
    const piece = { hour: 5, text: 'x\n' };
    expect(await send({ ...piece, token: 'not-a-token' })).toBe(401);
    expect(await send({ ...piece, instanceId: 'ins_00000000000000000000' })).toBe(404);
    expect(await send({ ...piece, sha256: '0'.repeat(64) })).toBe(400);
    expect(await send({ ...piece, body: Buffer.from('no gzip') })).toBe(400);
    expect((await archives()).items).toHaveLength(2);
  });

  it('are found by text, level and time without their host, newest first', async () => {
    const search = async (query: string) => (await call(`GET /instances/${id}/logs/search?${query}`)).body;
    expect(await search('q=NEEDLE')).toMatchObject({
      items: [{ text: 'three needle', level: 'info', line: 1, archiveId: expect.stringMatching(/^lga_/) }],
      nextCursor: null,
      host: 'away',
    });
    expect((await search('level=error,warn')).items).toMatchObject([{ text: 'error: two' }]);
    const before = new Date(START + 2 * HOUR).toISOString();
    expect((await search(`to=${before}`)).items).toMatchObject([{ text: 'error: two' }, { text: 'one' }]);
    const first = await search('limit=3');
    const second = await search(`limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ text }) => text)).toEqual(['unfinished', 'three needle', 'error: two', 'one']);
    expect((await call(`GET /instances/${id}/logs/search?level=loud`)).status).toBe(422);
    expect((await call(`GET /instances/${id}/logs/search?cursor=x`)).status).toBe(422);
  });

  it('are not there for another tenant', async () => {
    const [piece] = (await archives()).items;
    for (const path of ['archives', 'search', `archives/${piece.id}/download`])
      expect((await call(`GET /instances/${id}/logs/${path}`, undefined, stranger.key)).status, path).toBe(404);
  });
});

describe('what is kept of an archive', () => {
  const prune = (change: Partial<typeof KEEP> = {}) => pruneLogs(world.deps.systemPool, world.deps.objectStore, { ...KEEP, ...change });
  const isThere = (objectKey: string) =>
    world.deps.objectStore.get(objectKey).then(
      (content) => {
        content.destroy();
        return true;
      },
      (error: { code: string }) => error.code !== 'NOT_FOUND' && Promise.reject(error),
    );

  it('is bounded by bytes of an instance and by age, oldest first, rows and objects', async () => {
    const [old, young] = (await objects()).map((row) => row.object_key) as [string, string];
    const [{ bytes }] = (await archives('?limit=1')).items;
    expect(await prune()).toBe(0);
    expect(await prune({ keepBytes: bytes })).toBe(1);
    expect([await isThere(old), await isThere(young)]).toEqual([false, true]);
    await world.rows("UPDATE log_archive SET to_at = now() - interval '31 days'");
    expect(await prune()).toBe(1);
    expect(await isThere(young)).toBe(false);
    expect((await archives()).items).toEqual([]);
  });

  it('outlives a destroyed claw whose data is kept, and goes with one whose data is wiped', async () => {
    expect(await send({ hour: 6, text: 'last words\n' })).toBe(200);
    const destroyed = await call(`DELETE /instances/${id}?retention=retain`);
    await world.rows('UPDATE instance SET destroyed_at = now() WHERE id = $1', [id]);
    expect(await prune()).toBe(0);
    expect((await archives()).items).toHaveLength(1);
    await world.rows(`UPDATE operation SET params = '{"retention":"wipe"}' WHERE id = $1`, [destroyed.body.operation.id]);
    const [row] = await objects();
    expect(await prune()).toBe(1);
    expect(await isThere(row!.object_key)).toBe(false);
    expect(await send({ hour: 7, text: 'too late\n' })).toBe(404);
  });
});

it('a piece waits while the object store is away, and is stored by the next try', async () => {
  const another = (await call('POST /instances', { name: 'patient', resources: { cpu: '10m', memory: '64Mi' } })).body.instance.id;
  const piece = { hour: 8, text: 'patience\n', instanceId: another };
  await store.platform.part('seaweedfs').stop();
  expect(await send(piece)).toBe(503);
  expect((await call(`GET /instances/${another}/logs/archives`)).body.items).toEqual([]);
  await store.platform.part('seaweedfs').start();
  await expect.poll(() => send(piece)).toBe(200);
  expect((await call(`GET /instances/${another}/logs/archives`)).body.items).toHaveLength(1);
});
