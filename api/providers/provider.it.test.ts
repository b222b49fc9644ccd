import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { type Database, openDatabase } from '../../prisma/client.ts';
import { DEMO_MODEL, type ProviderView } from '../../workflows/contracts/model.ts';
import type { Actor } from '../http/request-context.ts';
import { addTenant, asOwner, dumpEverything, testSecretBox } from '../models/testing/tenant-data.ts';
import { providerView } from './provider.schema.ts';
import { actorIn, openResourceApp, type ResourceApp } from './testing/resource-app.ts';

const secrets = testSecretBox();
const API_KEY = 'sk-provider-4471c0aa';
let testDb: TestDatabase;
let database: Database;
let app: ResourceApp;
let owner: Actor;

beforeAll(async () => {
  testDb = await testDatabase();
  database = openDatabase({ url: testDb.appUrl });
  app = await openResourceApp(database, secrets);
  owner = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
});

afterAll(async () => {
  await app?.close();
  await database?.close();
  await testDb?.drop();
});

function openai(name: string, more: object = {}) {
  return { name, kind: 'openai', apiKey: API_KEY, models: ['gpt-4o-mini'], ...more };
}

async function add(body: object, actor = owner): Promise<ProviderView> {
  const { status, body: provider } = await app.call(actor, 'POST', '/providers', body);
  expect(status).toBe(201);
  return providerView.parse(provider);
}

function rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
  return asOwner(testDb.ownerUrl, async (sql) => (await sql.query<T>(text, values)).rows);
}

describe('adding a provider', () => {
  it('seals the credential, shows that there is one, and never shows it again', async () => {
    const provider = await add(openai('sealed', { baseUrl: 'https://models.example/v1/' }));
    expect(provider).toMatchObject({
      name: 'sealed',
      state: 'verifying',
      baseUrl: 'https://models.example/v1',
      credential: { present: true },
      error: null,
      createdBy: 'usr_test',
    });
    const again = await app.call(owner, 'GET', `/providers/${provider.id}`);
    expect(again).toMatchObject({ status: 200, body: provider });
    const [row] = await rows<{ credential: string }>('SELECT credential FROM provider WHERE id = $1', [provider.id]);
    expect(await secrets.open(row?.credential ?? '', `provider/${provider.id}`)).toBe(API_KEY);
    await expect(secrets.open(row?.credential ?? '', 'provider/prv_another')).rejects.toThrow();
    expect(await dumpEverything(testDb.ownerUrl)).not.toContain(API_KEY);
  });

  it('asks for its verification, tells listeners and is written to the audit log, all in one', async () => {
    const { id } = await add(openai('announced'));
    const outbox = await rows<{ kind: string; payload: Record<string, unknown> }>('SELECT kind, payload FROM outbox WHERE key = $1 ORDER BY seq', [id]);
    expect(outbox).toMatchObject([
      { kind: 'command', payload: { tenantId: owner.tenantId, providerId: id, revision: 1 } },
      { kind: 'event', payload: { type: 'provider.updated', subject: id } },
    ]);
    expect(await rows('SELECT action, actor FROM audit_event WHERE target = $1', [id])).toMatchObject([{ action: 'provider.create', actor: 'usr_test' }]);
  });

  it('answers a repeated request like the first and adds one provider', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await app.call(owner, 'POST', '/providers', openai('once'), headers);
    const second = await app.call(owner, 'POST', '/providers', openai('once'), headers);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(await rows("SELECT 1 FROM provider WHERE name = 'once'")).toHaveLength(1);
    expect(await dumpEverything(testDb.ownerUrl)).not.toContain(API_KEY);
  });

  it('needs no key for models at an address of one’s own, and takes Ollama’s address without the path of its OpenAI interface', async () => {
    const provider = await add({ name: 'local', kind: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', models: ['llama3', 'llama3'] });
    expect(provider).toMatchObject({ baseUrl: 'http://127.0.0.1:11434', credential: { present: false }, models: ['llama3'] });
  });

  it('refuses a name that is in use and leaves nothing half-made', async () => {
    await add(openai('taken'));
    const count = async () =>
      (await rows<{ n: string }>('SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM provider) AS n'))[0]?.n;
    const before = await count();
    const { status, body } = await app.call(owner, 'POST', '/providers', openai('taken'));
    expect([status, body]).toMatchObject([409, { code: 'NAME_TAKEN', errors: [{ path: '/name' }] }]);
    expect(await count()).toBe(before);
  });

  it('lets exactly one of many who want the same name have it', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.call(owner, 'POST', '/providers', openai('raced'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it('lets two tenants use the same name', async () => {
    const other = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
    await add(openai('shared-name'));
    await add(openai('shared-name'), other);
  });

  it.each([
    ['an unknown field', openai('bad', { token: 'x' }), '/token'],
    ['no key', { name: 'bad', kind: 'openai', models: ['m'] }, '/apiKey'],
    ['a key with spaces', openai('bad', { apiKey: 'sk two words' }), '/apiKey'],
    ['a self-hosted kind without an address', { name: 'bad', kind: 'hosted_vllm', models: ['m'] }, '/baseUrl'],
    ['an address of another protocol', openai('bad', { baseUrl: 'file:///etc/passwd' }), '/baseUrl'],
    ['an address with a password', openai('bad', { baseUrl: 'https://me:secret@models.example' }), '/baseUrl'],
    ['an address with a query', openai('bad', { baseUrl: 'https://models.example/v1?key=x' }), '/baseUrl'],
    ...['169.254.169.254/latest', '2852039166', '0xa9.0xfe.0xa9.0xfe', '[fe80::1]', '[::ffff:169.254.169.254]', 'METADATA.google.internal.'].map(
      (host): [string, object, string] => [`the address of a machine's credentials, ${host},`, openai('bad', { baseUrl: `http://${host}` }), '/baseUrl'],
    ),
    ['an unknown kind', openai('bad', { kind: 'azure' }), '/kind'],
    ['a bad name', openai('Bad Name'), '/name'],
    ['the name of the built-in model', openai(DEMO_MODEL), '/name'],
    ['no models', openai('bad', { models: [] }), '/models'],
    ['a model with control characters', openai('bad', { models: ['gpt\u0000'] }), '/models/0'],
  ])('refuses %s and names the field', async (_what, body, path) => {
    const { status, body: problem } = await app.call(owner, 'POST', '/providers', body);
    expect(status).toBe(422);
    expect(problem).toMatchObject({ code: 'VALIDATION_FAILED', errors: expect.arrayContaining([expect.objectContaining({ path })]) });
    expect(JSON.stringify(problem)).not.toContain(API_KEY);
    expect(await rows("SELECT 1 FROM provider WHERE name = 'bad'")).toEqual([]);
  });
});

describe('a provider that is there', () => {
  it('is verified again under a new revision, which makes the running verification void', async () => {
    const { id } = await add(openai('twice'));
    const { status, body } = await app.call(actorIn(owner.tenantId, 'operator'), 'POST', `/providers/${id}/verify`);
    expect([status, body]).toMatchObject([202, { id, state: 'verifying', error: null }]);
    const commands = await rows<{ payload: { revision: number } }>("SELECT payload FROM outbox WHERE key = $1 AND kind = 'command' ORDER BY seq", [id]);
    expect(commands.map(({ payload }) => payload.revision)).toEqual([1, 2]);
  });

  it('is gone with its credential and its models after it was removed', async () => {
    const { id } = await add(openai('doomed', { models: ['m1', 'm2'] }));
    const names = async () => ((await app.call(owner, 'GET', '/models')).body as { items: { id: string }[] }).items.map((model) => model.id);
    expect(await names()).toEqual(expect.arrayContaining([DEMO_MODEL, 'doomed/m1', 'doomed/m2']));
    expect((await app.call(owner, 'DELETE', `/providers/${id}`)).status).toBe(204);
    expect(await names()).not.toContain('doomed/m1');
    expect((await app.call(owner, 'GET', `/providers/${id}`)).status).toBe(404);
    expect((await app.call(owner, 'DELETE', `/providers/${id}`)).status).toBe(404);
    expect(await rows('SELECT action FROM audit_event WHERE target = $1 ORDER BY seq', [id])).toMatchObject([
      { action: 'provider.create' },
      { action: 'provider.delete' },
    ]);
  });

  it('does not exist for another tenant', async () => {
    const { id } = await add(openai('private'));
    const stranger = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/verify'],
    ]) {
      const { status, body } = await app.call(stranger, method ?? '', `/providers/${id}${path}`);
      expect([status, body]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    }
    expect((await app.call(stranger, 'GET', '/providers')).body).toEqual({ items: [], nextCursor: null });
    expect((await app.call(stranger, 'GET', '/models')).body).toEqual({
      items: [{ id: DEMO_MODEL, provider: DEMO_MODEL, kind: DEMO_MODEL, state: 'verified' }],
    });
    expect((await app.call(owner, 'GET', `/providers/${id}`)).status).toBe(200);
  });

  it('may be looked at by viewers and changed by admins and owners only', async () => {
    const { id } = await add(openai('guarded'));
    const [viewer, operator, admin] = [actorIn(owner.tenantId, 'viewer'), actorIn(owner.tenantId, 'operator'), actorIn(owner.tenantId, 'admin')];
    expect((await app.call(viewer, 'GET', `/providers/${id}`)).status).toBe(200);
    expect((await app.call(viewer, 'POST', `/providers/${id}/verify`)).status).toBe(403);
    for (const actor of [viewer, operator]) {
      expect((await app.call(actor, 'POST', '/providers', openai('forbidden'))).status).toBe(403);
      expect((await app.call(actor, 'DELETE', `/providers/${id}`)).status).toBe(403);
    }
    expect((await app.call({ ...admin, scopes: ['read'] }, 'DELETE', `/providers/${id}`)).status).toBe(403);
    expect((await app.call(admin, 'DELETE', `/providers/${id}`)).status).toBe(204);
  });
});

describe('the list of providers', () => {
  it('is paged by name and misses none', async () => {
    const reader = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
    for (const name of ['delta', 'alpha', 'echo', 'bravo', 'charlie']) await add(openai(name), reader);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await app.call(reader, 'GET', `/providers?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = body as { items: { name: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['alpha', 'bravo', 'charlie', 'delta', 'echo']);
    expect((await app.call(reader, 'GET', '/providers?cursor=nonsense')).status).toBe(422);
  });
});
