import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLiteLlmClient, type LiteLlmClient } from '../../activities/clients/litellm/client.ts';
import { createModelActivities } from '../../activities/model/activities.ts';
import { createActivityInterceptor } from '../../activities/platform/temporal/activity-interceptor.ts';
import { noTracing } from '../../activities/platform/tracing/tracing.ts';
import type { Platform } from '../../deploy/local/platform.ts';
import { type TestDatabase, temporalAddress, testDatabase } from '../../deploy/local/testing/database.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../deploy/local/testing/fake-openai.ts';
import { startThrowAwayPlatform } from '../../deploy/local/testing/throw-away-platform.ts';
import { type Database, openDatabase, openPool } from '../../prisma/client.ts';
import { providerVerifyWorkflowId } from '../../workflows/contracts/ids.ts';
import type { ProviderView } from '../../workflows/contracts/model.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { Actor } from '../http/request-context.ts';
import { addTenant, asOwner, testSecretBox } from '../models/testing/tenant-data.ts';
import { deliverCommand } from '../relay/deliver-command.ts';
import { createOutboxStore } from '../relay/outbox-store.ts';
import { Relay } from '../relay/relay.ts';
import { actorIn, openResourceApp, type ResourceApp } from './testing/resource-app.ts';

const logger = pino({ level: 'silent' });
const REFUSED_KEY = 'sk-refused-c0ffee42';
const secrets = testSecretBox();
const closers: (() => unknown)[] = [];
let testDb: TestDatabase;
let database: Database;
let platform: Platform;
let upstream: FakeOpenAi;
let liteLlm: LiteLlmClient;
let client: Client;
let app: ResourceApp;
let owner: Actor;
let relay: Relay;

beforeAll(async () => {
  let remove: () => Promise<void>;
  [testDb, { platform, remove }, upstream] = await Promise.all([
    testDatabase(),
    startThrowAwayPlatform({ parts: ['litellm'] }),
    startFakeOpenAi({ refusedKeys: [REFUSED_KEY] }),
  ]);
  database = openDatabase({ url: testDb.appUrl });
  liteLlm = createLiteLlmClient(platform.litellm);
  app = await openResourceApp(database, secrets);
  owner = actorIn((await addTenant(testDb.ownerUrl)).tenantId);
  closers.push(
    () => app.close(),
    () => database.close(),
    () => Promise.all([remove(), upstream.close(), testDb.drop()]),
  );
  await startTemporal();
});

afterAll(async () => {
  for (const close of closers) await close();
});

/** The worker and the relay of the platform, as far as verifications need them. */
async function startTemporal(): Promise<void> {
  // The SDK warns of every attempt that fails, which here is the point.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const [connection, nativeConnection] = await Promise.all([
    Connection.connect({ address: temporalAddress() }),
    NativeConnection.connect({ address: temporalAddress() }),
  ]);
  client = new Client({ connection });
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: TaskQueue.core,
    workflowsPath: new URL('../../workflows/provider/provider-verify.workflow.ts', import.meta.url).pathname,
    activities: createModelActivities({ database, secrets, liteLlm }),
    interceptors: { activity: [createActivityInterceptor(logger)] },
    sinks: { telemetry: { workEnded: { fn: () => undefined } } },
  });
  const running = worker.run();
  const systemPool = openPool({ url: testDb.systemUrl });
  relay = new Relay({
    store: createOutboxStore(systemPool),
    targets: { deliver: (command) => deliverCommand(client, noTracing, command), publish: () => undefined },
    logger,
  });
  relay.start();
  closers.unshift(
    () => relay.stop(),
    () => systemPool.end(),
    () => worker.shutdown(),
    () => running,
    () => Promise.all([connection.close(), nativeConnection.close()]),
  );
}

/** Adds a provider by the API and lets the relay deliver what that asked for. */
async function add(provider: object): Promise<string> {
  const { status, body } = await app.call(owner, 'POST', '/providers', provider);
  expect(status).toBe(201);
  relay.wake();
  return (body as ProviderView).id;
}

async function ended(id: string, revision = 1): Promise<ProviderView> {
  // The relay may not have started it yet; a handle exists once it has.
  await expect
    .poll(() =>
      client.workflow
        .getHandle(providerVerifyWorkflowId(id, revision))
        .describe()
        .then(
          () => true,
          () => false,
        ),
    )
    .toBe(true);
  await client.workflow.getHandle(providerVerifyWorkflowId(id, revision)).result();
  return (await app.call(owner, 'GET', `/providers/${id}`)).body as ProviderView;
}

function openai(name: string, more: object = {}) {
  return { name, kind: 'openai', baseUrl: upstream.url, apiKey: 'sk-good-77aa10', models: ['gpt-4o-mini', 'text-embedding-3-small'], ...more };
}

describe('a provider that was added', () => {
  it('is verified by a real call to each of its models, and listeners hear of it', async () => {
    const id = await add(openai('good'));
    const provider = await ended(id);
    expect(provider).toMatchObject({ state: 'verified', error: null, verifiedAt: expect.any(String) });
    const asked = upstream.requests.filter(({ headers }) => headers.authorization === 'Bearer sk-good-77aa10').map(({ path, body }) => [path, body.model]);
    expect(asked.sort()).toEqual([
      ['/v1/chat/completions', 'gpt-4o-mini'],
      ['/v1/embeddings', 'text-embedding-3-small'],
    ]);
    const events = await asOwner(testDb.ownerUrl, (sql) => sql.query("SELECT payload FROM outbox WHERE key = $1 AND kind = 'event' ORDER BY seq", [id]));
    expect(events.rows.map(({ payload }) => [payload.type, payload.data?.state])).toEqual([
      ['provider.updated', undefined],
      ['provider.updated', 'verified'],
    ]);
  });

  it('fails with the credential as the reason when the provider refuses it, and the reason does not hold it', async () => {
    const provider = await ended(await add(openai('refused', { apiKey: REFUSED_KEY })));
    expect(provider).toMatchObject({
      state: 'failed',
      verifiedAt: null,
      error: { code: 'PROVIDER_CREDENTIAL_INVALID', message: expect.stringContaining('refused'), nextStep: expect.any(String) },
    });
    expect(JSON.stringify(provider)).not.toContain(REFUSED_KEY);
  });

  it('fails when nothing answers at its address', async () => {
    const provider = await ended(await add({ name: 'silent', kind: 'hosted_vllm', baseUrl: 'http://127.0.0.1:9/v1', models: ['m'] }));
    expect(provider).toMatchObject({ state: 'failed', error: { code: 'MODEL_PROBE_FAILED' } });
  });

  it('may be verified again, and keeps the time it was last found well', async () => {
    const id = await add(openai('again'));
    const first = await ended(id);
    await app.call(owner, 'POST', `/providers/${id}/verify`);
    relay.wake();
    const second = await ended(id, 2);
    expect(second.state).toBe('verified');
    expect(Date.parse(second.verifiedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first.verifiedAt ?? ''));
  });

  it('is not judged by a verification that a later one made void', async () => {
    const id = await add(openai('outdated'));
    await ended(id);
    const activities = createModelActivities({ database, secrets, liteLlm });
    const stale = { tenantId: owner.tenantId, providerId: id, revision: 7 };
    expect(await activities.verifyProvider(stale)).toEqual({ state: 'void' });
    await activities.recordVerification({ ...stale, verdict: { state: 'failed', error: { code: 'TIMEOUT', message: 'x', nextStep: 'y' } } });
    expect((await app.call(owner, 'GET', `/providers/${id}`)).body).toMatchObject({ state: 'verified' });
  });

  it('is started once however often the relay delivers', async () => {
    const id = await add(openai('repeated'));
    await ended(id);
    await asOwner(testDb.ownerUrl, (sql) => sql.query("UPDATE outbox SET delivered_at = NULL WHERE key = $1 AND kind = 'command'", [id]));
    const before = upstream.requests.length;
    relay.wake();
    const pending = () => asOwner(testDb.ownerUrl, async (sql) => (await sql.query('SELECT 1 FROM outbox WHERE delivered_at IS NULL')).rowCount);
    await expect.poll(pending).toBe(0);
    expect(upstream.requests.length).toBe(before);
  });

  it('waits for the model service and is verified when that is back', async () => {
    await platform.part('litellm').stop();
    const id = await add(openai('patient'));
    await expect
      .poll(async () => (await client.workflow.getHandle(providerVerifyWorkflowId(id, 1)).describe()).raw.pendingActivities?.[0]?.attempt)
      .toBeGreaterThan(1);
    expect((await app.call(owner, 'GET', `/providers/${id}`)).body).toMatchObject({ state: 'verifying' });
    await platform.part('litellm').start();
    expect(await ended(id)).toMatchObject({ state: 'verified' });
  });
});
