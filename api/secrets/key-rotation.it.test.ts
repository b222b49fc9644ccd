import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataKeys, KEY_FRESH_MS } from '../../activities/platform/data-keys.ts';
import { createFileKms } from '../../activities/platform/kms.ts';
import { createSecretBox, type KeyRing, readKeyRing, secretContext } from '../../activities/platform/secrets.ts';
import { createPayloadCodec } from '../../activities/platform/temporal/payload-codec.ts';
import { createSecretActivities } from '../../activities/secrets/activities.ts';
import { SEALED_COLUMNS } from '../../activities/secrets/sealed-columns.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import type { KeyRotationView } from './key-rotation.schema.ts';

/** `{"alg":"A256GCMKW"` as every envelope begins. */
const ENVELOPE = Buffer.from('{"alg":"A256GCMKW"').toString('base64url').slice(0, 22);

let world: ApiWorld;
let key: string;
let ring: KeyRing;
let providerId: string;
const secret = `sk-test-${randomBytes(12).toString('hex')}`;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  const hostId = await hostOnline(world);
  ring = readKeyRing(world.deps.config.CLAWLOOPS_KEY_FILE);
  const old = createSecretBox(ring);
  const tenantId = (await call('GET /me')).body.tenant.id;
  const instance = (await call('POST /instances', { name: 'one', resources: { cpu: '10m', memory: '64Mi' } })).body.instance;
  providerId = (await call('POST /providers', { name: 'acme', kind: 'openai', apiKey: secret, models: ['m'] })).body.id;
  await call('POST /api-keys', { name: 'sealed answer' }, { 'idempotency-key': 'one' });
  await world.rows(
    "INSERT INTO workload (instance_id, tenant_id, host_id, generation, desired, document, secrets) VALUES ($1, $2, $3, 1, 'running', '{}', $4)",
    [instance.id, tenantId, hostId, await old.seal('[]', `workload/${instance.id}`)],
  );
  await world.rows(
    "INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash, sealed) SELECT 'clk_1', tenant_id, project_id, id, 1, 'h', $2 FROM instance WHERE id = $1",
    [instance.id, await old.seal('clk_1_x', 'model-key/clk_1')],
  );
  await world.rows("INSERT INTO config_secret (tenant_id, name, sealed, created_by, last_updated_by) VALUES ($1, 'bot', $2, 'usr', 'usr')", [
    tenantId,
    await old.seal('bot', secretContext(tenantId, 'bot')),
  ]);
  const connection = { name: 'Acme', issuer: 'http://127.0.0.1:9', clientId: 'c', clientSecret: 'between the two of us', domains: ['acme.example'] };
  expect((await call('PUT /sso', connection)).status).toBe(200);
  await world.rows("INSERT INTO mail_message (id, tenant_id, recipient, template, locale, sealed) VALUES ('mai_1', $1, 'ada@example.com', 't', 'en', $2)", [
    tenantId,
    await old.seal('{}', 'mail/mai_1'),
  ]);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, headers: Record<string, string> = {}, as = key) => world.call(request, body, { key: as, headers });
const rotations = async (): Promise<KeyRotationView[]> => (await call('GET /system/key-rotations')).body.items;

/** A process of its own: it knows of keys only what it has asked for. `pass` lets its time go on. */
function process_() {
  let now = 0;
  const kms = createFileKms(ring);
  const keys = createDataKeys({ ring, kms, pool: world.deps.systemPool, clock: () => now });
  const secrets = createSecretBox(keys);
  const activities = createSecretActivities({ systemPool: world.deps.systemPool, secrets, kms });
  return { keys, secrets, activities, codec: createPayloadCodec(keys), pass: (ms: number) => (now += ms) };
}

const envelopes = async (): Promise<{ table: string; kid: string }[]> =>
  (
    await Promise.all(
      SEALED_COLUMNS.map(({ table, envelope }) =>
        world.rows<{ table: string; kid: string }>(`SELECT '${table}' AS table, sealed_with(${envelope}) AS kid FROM ${table} WHERE ${envelope} IS NOT NULL`),
      ),
    )
  ).flat();

it('every column that holds an envelope is one that a rotation reaches', async () => {
  const columns = await world.rows<{ schema: string; table: string; column: string }>(
    `SELECT table_schema AS schema, table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema IN ('public', 'auth') AND data_type IN ('text', 'jsonb', 'ARRAY')`,
  );
  const sealed: string[] = [];
  for (const { schema, table, column } of columns) {
    const found = await world.rows(`SELECT 1 FROM "${schema}"."${table}" WHERE "${column}"::text LIKE '%${ENVELOPE}%' LIMIT 1`);
    if (found.length > 0) sealed.push(table);
  }
  expect(sealed.sort()).toEqual(SEALED_COLUMNS.map(({ table }) => table).sort());
});

describe('a rotation', () => {
  it('is for administrators of the platform, whatever somebody is in a tenant', async () => {
    const stranger = await addStranger(world, 'owner');
    for (const request of ['GET /system/key-rotations', 'POST /system/key-rotations'])
      expect((await call(request, undefined, {}, stranger.key)).status, request).toBe(403);
  });

  it('is accepted once, audited, and refused while it runs', async () => {
    const { status, body } = await call('POST /system/key-rotations', undefined, { 'idempotency-key': 'rotate' });
    expect({ status, body }).toMatchObject({ status: 202, body: { state: 'running', keyId: null, total: null, resealed: 0, startedBy: { name: 'Ada' } } });
    expect((await call('POST /system/key-rotations', undefined, { 'idempotency-key': 'rotate' })).body.id).toBe(body.id);
    expect((await call('POST /system/key-rotations')).body).toMatchObject({ status: 409, code: 'OPERATION_IN_PROGRESS' });
    expect((await call(`GET /audit?target=${body.id}`)).body.items).toMatchObject([{ action: 'key-rotation.start', result: 'done' }]);
    expect(await world.rows("SELECT payload FROM outbox WHERE kind = 'command' AND key = $1", [body.id])).toMatchObject([{ payload: { rotationId: body.id } }]);
  });

  it('gives every secret an envelope of the new key while old and new ones are read and written', async () => {
    const [{ id: rotationId }] = (await rotations()) as [KeyRotationView];
    const worker = process_();
    const other = process_();
    const old = await other.secrets.seal('before', 'x');
    const [payload] = await other.codec.encode([{ metadata: {}, data: new Uint8Array([1]) }]);
    await worker.activities.openDataKey({ rotationId });
    await worker.activities.openDataKey({ rotationId });
    const [{ keyId }] = (await rotations()) as [KeyRotationView];
    expect(await world.rows('SELECT id FROM data_key')).toEqual([{ id: keyId }]);

    // A process that has not heard of it seals as before, and opens what the others seal with it.
    worker.pass(KEY_FRESH_MS);
    const fresh = await worker.secrets.seal('after', 'x');
    expect(await other.secrets.open(fresh, 'x')).toBe('after');
    expect((await other.keys.sealing()).id).toBe(ring.current);
    other.pass(KEY_FRESH_MS);
    expect((await other.keys.sealing()).id).toBe(keyId);

    const first = await worker.activities.resealSecrets({ rotationId });
    expect(first).toEqual({ resealed: (await envelopes()).length, unreadable: 0 });
    expect((await envelopes()).every(({ kid }) => kid === keyId)).toBe(true);
    expect(await worker.activities.resealSecrets({ rotationId })).toEqual({ resealed: 0, unreadable: 0 });
    await worker.activities.endKeyRotation({ rotationId, unreadable: 0 });
    expect(await rotations()).toMatchObject([{ state: 'succeeded', resealed: first.resealed, total: first.resealed, finishedAt: expect.any(String) }]);

    const [row] = await world.rows<{ credential: string }>('SELECT credential FROM provider WHERE id = $1', [providerId]);
    expect(await other.secrets.open(row!.credential, `provider/${providerId}`)).toBe(secret);
    await expect(createSecretBox(ring).open(row!.credential, `provider/${providerId}`)).rejects.toThrow('no key');
    expect(await process_().secrets.open(old, 'x')).toBe('before');
    expect([...((await process_().codec.decode([payload!]))[0]?.data ?? [])]).toEqual([1]);
    expect((await call('POST /api-keys', { name: 'sealed answer' }, { 'idempotency-key': 'one' })).headers.get('idempotency-replayed')).toBe('true');
  });

  it('leaves alone what no key opens, and says how many these are', async () => {
    const lost = createSecretBox({ current: 'lost', keys: new Map([['lost', new Uint8Array(randomBytes(32))]]) });
    await world.rows('UPDATE provider SET credential = $2 WHERE id = $1', [providerId, await lost.seal('x', `provider/${providerId}`)]);
    const { id: rotationId } = (await call('POST /system/key-rotations')).body;
    const worker = process_();
    await worker.activities.openDataKey({ rotationId });
    const pass = await worker.activities.resealSecrets({ rotationId });
    expect(pass).toMatchObject({ unreadable: 1 });
    expect(await worker.activities.resealSecrets({ rotationId })).toEqual({ resealed: 0, unreadable: 1 });
    expect(await world.rows('SELECT sealed_with(credential) AS kid FROM provider')).toEqual([{ kid: 'lost' }]);
    await worker.activities.endKeyRotation({ rotationId, unreadable: 1 });
    expect((await rotations())[0]).toMatchObject({ state: 'succeeded', unreadable: 1 });
  });

  it('does not overwrite what somebody writes meanwhile', async () => {
    const { id: rotationId } = (await call('POST /system/key-rotations')).body;
    const worker = process_();
    await worker.activities.openDataKey({ rotationId });
    const meanwhile = await world.deps.secrets.seal('newer', `provider/${providerId}`);
    const secrets = {
      ...worker.secrets,
      reseal: async (envelope: string) => {
        await world.rows('UPDATE provider SET credential = $2 WHERE id = $1', [providerId, meanwhile]);
        return worker.secrets.reseal(envelope);
      },
    };
    const kms = createFileKms(ring);
    await createSecretActivities({ systemPool: world.deps.systemPool, secrets, kms }).resealSecrets({ rotationId });
    const [row] = await world.rows<{ credential: string }>('SELECT credential FROM provider WHERE id = $1', [providerId]);
    expect(await worker.secrets.open(row!.credential, `provider/${providerId}`)).toBe('newer');
    await worker.activities.endKeyRotation({ rotationId, unreadable: 0 });
  });
});

it('keys of the database are wrapped: without the key file nobody unwraps them', async () => {
  const rows = await world.rows<{ id: string; wrapped: string }>('SELECT id, wrapped FROM data_key');
  expect(rows.length).toBe(3);
  const foreign = createFileKms({ current: ring.current, keys: new Map([[ring.current, new Uint8Array(randomBytes(32))]]) });
  for (const { id, wrapped } of rows) await expect(foreign.unwrap(wrapped, id)).rejects.toThrow();
  await expect(createFileKms(ring).unwrap(rows[0]!.wrapped, rows[1]!.id)).rejects.toThrow('belongs to something else');
});

it('while the database does not answer, the last key that was known seals', async () => {
  const said: string[] = [];
  const pool = { query: () => Promise.reject(new Error('it is away')) };
  const keys = createDataKeys({ ring, kms: createFileKms(ring), pool: pool as never, onError: ({ message }) => said.push(message) });
  expect((await keys.sealing()).id).toBe(ring.current);
  expect(said).toEqual(['it is away']);
});
