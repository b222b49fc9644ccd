import { existsSync, readdirSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, temporalAddress, testDatabase } from '../../deploy/local/testing/database.ts';
import { echoManifest } from '../../deploy/local/testing/echo-type.ts';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { type InstanceCommand, InstanceMessage } from '../../workflows/contracts/instance.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { InstanceInput, instanceWorkflow } from '../../workflows/instance/instance.workflow.ts';
import { testKeyRing } from '../../workflows/testing/entity-world.ts';
import { testNamespace } from '../../workflows/testing/namespace.ts';
import { buildWorkflowBundle } from '../build-workflow-bundle.ts';
import { createWorkerDeps, type WorkerDeps } from '../deps.ts';
import { createActivities } from '../index.ts';
import { metricsKeep } from '../platform/metrics-keep.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import { startObservers } from '../start-observers.ts';
import { type HostWorld, hostWorld } from '../testing/host-world.ts';
import { type TestRows, testRows } from '../testing/rows.ts';
import { workerOptions } from '../worker-options.ts';

let database: TestDatabase;
let rows: TestRows;
let host: HostWorld;
let deps: WorkerDeps;
let client: Client;
let workers: Worker[];
let running: Promise<unknown>;
let native: NativeConnection;

const keyRing = testKeyRing();
const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });

beforeAll(async () => {
  const quiet = () => undefined;
  Runtime.install({ shutdownSignals: [], logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet } });
  database = await testDatabase();
  rows = await testRows(database.ownerUrl);
  await rows.manifest(echoManifest());
  host = await hostWorld({ rows, systemUrl: database.systemUrl, keyRing });
  await host.startBridge();
  const namespace = await testNamespace(temporalAddress());
  deps = createWorkerDeps(
    {
      DATABASE_URL: database.appUrl,
      DATABASE_URL_SYSTEM: database.systemUrl,
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_NAMESPACE: namespace,
      CLAWLOOPS_KEY_FILE: '',
      LITELLM_URL: 'http://127.0.0.1:9',
      LITELLM_MASTER_KEY: 'none',
      SERVICE_TOKEN: host.serviceToken,
      METRICS_KEEP: metricsKeep.parse(undefined),
      OUTBOUND_ALLOW: [],
      METRICS_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      API_URL: host.apiUrl,
    },
    keyRing,
    logger,
  );
  client = new Client({ connection: await Connection.connect({ address: temporalAddress() }), namespace, dataConverter: createDataConverter(keyRing) });
  native = await NativeConnection.connect({ address: temporalAddress() });
  const options = workerOptions({
    connection: native,
    namespace,
    dataConverter: createDataConverter(keyRing),
    activities: createActivities(deps),
    workflowBundle: { code: await buildWorkflowBundle() },
    logger,
  });
  workers = await Promise.all(options.map((option) => Worker.create(option)));
  running = Promise.all(workers.map((worker) => worker.run()));
  await startObservers(client, deps.systemPool);
});

afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await native.close();
  await client.connection.close();
  await deps.close();
  await host.close();
  await rows.close();
  await database.drop();
});

async function send(instanceId: string, kind: OperationKind, params: InstanceCommand['params'] = {}): Promise<string> {
  const { operationId, seq, generation } = await rows.operation(instanceId, kind);
  const input: InstanceInput = { tenantId: rows.tenantId, instanceId, timing: { backoffBaseMs: 200 } };
  await client.workflow.signalWithStart<typeof instanceWorkflow, [InstanceCommand]>('instanceWorkflow', {
    workflowId: instanceWorkflowId(instanceId),
    taskQueue: TaskQueue.core,
    args: [input],
    signal: InstanceMessage.command,
    signalArgs: [{ operationId, seq, kind, generation, params }],
    workflowTaskTimeout: '5 seconds',
  });
  return operationId;
}

interface OperationRow {
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly attempt: number; readonly error: { readonly code: string } | null }[];
}

const operation = (id: string) => rows.one<OperationRow>('SELECT state, error, steps FROM operation WHERE id = $1', [id]);
const instance = (id: string) =>
  rows.one<{ phase: string; slug: string; observed_restarts: number; reason: string | null; observed_fact: { pid: number }; config_hash: string }>(
    'SELECT * FROM instance WHERE id = $1',
    [id],
  );

async function ends(operationId: string): Promise<OperationRow> {
  await expect
    .poll(async () => JSON.stringify(await operation(operationId)), { timeout: 90_000, interval: 50 })
    .toMatch(/^."state":"(succeeded|failed|cancelled)/);
  return operation(operationId);
}

async function succeeds(instanceId: string, kind: OperationKind, params?: InstanceCommand['params']): Promise<OperationRow> {
  const end = await ends(await send(instanceId, kind, params));
  expect(end, JSON.stringify(end)).toMatchObject({ state: 'succeeded' });
  return end;
}

const phaseIs = (id: string, phase: string) => expect.poll(async () => (await instance(id)).phase, { timeout: 60_000, interval: 50 }).toBe(phase);

test('a claw lives its whole life: created, crashed, healed, updated, stopped, started, destroyed', async () => {
  const id = await rows.instance({ type: 'echo', overrides: [{ key: 'greeting', value: 'hello ' }] });
  const created = await succeeds(id, 'create');
  expect(created.steps.filter(({ state }) => state === 'succeeded').map(({ name }) => name)).toEqual([
    'reserve',
    'issue-model-key',
    'prepare-runtime',
    'render-config',
    'apply-workload',
    'await-process',
    'await-ready',
    'verify-config',
    'deliver-model-key',
    'probe-model',
  ]);
  await phaseIs(id, 'Running');
  const { slug, observed_fact: first, config_hash: configHash } = await instance(id);

  process.kill(first.pid, 'SIGKILL');
  await expect.poll(async () => (await instance(id)).observed_restarts).toBe(1);
  await phaseIs(id, 'Running');
  const healed = (await instance(id)).observed_fact.pid;
  expect(healed).not.toBe(first.pid);

  await rows.all('UPDATE instance SET spec = jsonb_set(spec, \'{config,overrides}\', \'[{"key":"greeting","value":"changed "}]\') WHERE id = $1', [id]);
  await succeeds(id, 'update');
  expect(await instance(id)).toMatchObject({ phase: 'Running', observed_fact: { pid: healed } });
  expect((await instance(id)).config_hash).not.toBe(configHash);

  await succeeds(id, 'restart');
  expect((await instance(id)).observed_fact.pid).not.toBe(healed);
  await succeeds(id, 'stop');
  await phaseIs(id, 'Stopped');
  await succeeds(id, 'start');
  await phaseIs(id, 'Running');

  expect(existsSync(host.clawFolder(slug))).toBe(true);
  await succeeds(id, 'destroy', { retention: 'wipe' });
  await phaseIs(id, 'Destroyed');
  expect(existsSync(host.clawFolder(slug))).toBe(false);
  expect(await rows.all('SELECT 1 FROM host_slot WHERE instance_id = $1 UNION ALL SELECT 1 FROM workload WHERE instance_id = $1', [id])).toEqual([]);
  expect(await rows.all('SELECT state, sealed FROM model_key WHERE instance_id = $1', [id])).toEqual([{ state: 'revoked', sealed: null }]);
});

test('a setting that the claw refuses ends the create with the reason, and nothing stays but the instance', async () => {
  const id = await rows.instance({ type: 'echo', overrides: [{ key: 'greeting', value: 7 }] });
  const end = await ends(await send(id, 'create'));
  expect(end).toMatchObject({ state: 'failed', error: { code: 'INVALID_CONFIG' } });
  await phaseIs(id, 'Failed');
  expect(await rows.all('SELECT 1 FROM host_slot WHERE instance_id = $1 UNION ALL SELECT 1 FROM workload WHERE instance_id = $1', [id])).toEqual([]);

  await rows.all("UPDATE instance SET spec = jsonb_set(spec, '{config,overrides}', '[]') WHERE id = $1", [id]);
  await succeeds(id, 'retry');
  await phaseIs(id, 'Running');
  await succeeds(id, 'destroy', { retention: 'wipe' });
});

test('a create that is cancelled keeps its folder and can be started again, and wiped after all', async () => {
  const id = await rows.instance({ type: 'echo', overrides: [{ key: 'failReady', value: true }] });
  const create = await send(id, 'create');
  await expect.poll(async () => (await operation(create)).steps.find(({ name }) => name === 'await-ready')?.state).toBe('running');
  await client.workflow
    .getHandle(instanceWorkflowId(id))
    .executeUpdate(InstanceMessage.control, { args: [{ operationId: create, control: 'cancel', requestedBy: 'usr_1' }] });
  expect(await ends(create)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
  await phaseIs(id, 'Failed');
  const { slug } = await instance(id);
  expect(readdirSync(host.clawFolder(slug))).toContain('data');

  await rows.all("UPDATE instance SET spec = jsonb_set(spec, '{config,overrides}', '[]') WHERE id = $1", [id]);
  await succeeds(id, 'start');
  await phaseIs(id, 'Running');
  await succeeds(id, 'destroy', { retention: 'wipe' });
  expect(existsSync(host.clawFolder(slug))).toBe(false);
});

test('what was kept when a create was undone is wiped when the instance is destroyed', async () => {
  const id = await rows.instance({ type: 'echo', overrides: [{ key: 'failReady', value: true }] });
  const create = await send(id, 'create');
  await expect.poll(async () => (await operation(create)).steps.find(({ name }) => name === 'await-ready')?.state).toBe('running');
  await client.workflow
    .getHandle(instanceWorkflowId(id))
    .executeUpdate(InstanceMessage.control, { args: [{ operationId: create, control: 'cancel', requestedBy: 'usr_1' }] });
  await ends(create);
  const { slug } = await instance(id);
  expect(existsSync(host.clawFolder(slug))).toBe(true);
  await succeeds(id, 'destroy', { retention: 'wipe' });
  expect(existsSync(host.clawFolder(slug))).toBe(false);
});

test('a key in the environment is rotated with one restart, and the old one stops working', async () => {
  const id = await rows.instance({ type: 'echo' });
  await succeeds(id, 'create');
  await phaseIs(id, 'Running');
  const { observed_fact: before } = await instance(id);
  await succeeds(id, 'rotate-key');
  expect((await instance(id)).observed_fact.pid).not.toBe(before.pid);
  // No model answers here, so the copy of the new key is kept for the next probe.
  expect(await rows.all('SELECT generation, state, sealed IS NULL AS dropped FROM model_key WHERE instance_id = $1 ORDER BY generation', [id])).toEqual([
    { generation: 1, state: 'revoked', dropped: true },
    { generation: 2, state: 'delivered', dropped: false },
  ]);
  await succeeds(id, 'kill');
  await phaseIs(id, 'Stopped');
  await succeeds(id, 'start');
  await succeeds(id, 'destroy', { retention: 'retain' });
  const { slug } = await instance(id);
  expect(existsSync(host.clawFolder(slug))).toBe(true);
});

test('a claw that crashes again and again is stopped, with the reason', async () => {
  const id = await rows.instance({ type: 'echo' });
  await succeeds(id, 'create');
  for (let crashes = 0; crashes < Limits.circuitRepairs; crashes += 1) {
    await expect.poll(() => instance(id)).toMatchObject({ observed_restarts: crashes, observed_fact: { pid: expect.any(Number) } });
    process.kill((await instance(id)).observed_fact.pid, 'SIGKILL');
  }
  await expect.poll(async () => (await instance(id)).reason).toBe('CRASH_LOOP');
  await phaseIs(id, 'Failed');
  await expect.poll(async () => (await rows.one<{ desired: string }>('SELECT desired FROM workload WHERE instance_id = $1', [id])).desired).toBe('stopped');
  await succeeds(id, 'destroy', { retention: 'wipe' });
});
