import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type TestDatabase, temporalAddress, testDatabase } from '../../deploy/local/testing/database.ts';
import { openPool } from '../../prisma/client.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import { type EntityWorld, entityWorld, type InstanceUnderTest } from '../../workflows/testing/entity-world.ts';
import { type TestRows, testRows } from '../testing/rows.ts';
import { observeHost } from './observe-host.ts';

let database: TestDatabase;
let rows: TestRows;
let world: EntityWorld;
let systemPool: ReturnType<typeof openPool>;
let observing: Promise<void>;
const stop = new AbortController();
let seq = 0;

beforeAll(async () => {
  [database, world] = await Promise.all([testDatabase(), entityWorld({ address: temporalAddress() })]);
  rows = await testRows(database.ownerUrl);
  systemPool = openPool({ url: database.systemUrl });
  observing = observeHost(
    { systemPool, systemUrl: database.systemUrl, temporalClient: world.client, logger: pino({ level: 'silent' }) },
    rows.hostId,
    stop.signal,
  );
});

afterAll(async () => {
  stop.abort();
  await observing;
  await systemPool.end();
  await world.close();
  await rows.close();
  await database.drop();
});

function fact(instanceId: string, over: Partial<WorkloadFact>): WorkloadFact {
  seq += 1;
  return {
    instanceId,
    generation: 1,
    seq,
    phase: 'running',
    pid: 4711,
    startedAt: null,
    ready: true,
    live: true,
    exitCode: null,
    signal: null,
    restarts: 0,
    nextStartAt: null,
    filesHash: null,
    error: null,
    at: '2026-11-21T10:00:00.000Z',
    ...over,
  };
}

/** As the gateway of the bridges stores it. */
async function report(facts: readonly WorkloadFact[], hostId = rows.hostId): Promise<void> {
  for (const one of facts)
    await rows.all('INSERT INTO host_fact (host_id, tenant_id, instance_id, seq, fact) VALUES ($1, $2, $3, $4, $5)', [
      hostId,
      rows.tenantId,
      one.instanceId,
      one.seq,
      JSON.stringify(one),
    ]);
}

const handled = () => expect.poll(() => rows.all('SELECT 1 FROM host_fact WHERE host_id = $1', [rows.hostId])).toEqual([]);
const observed = (id: string) =>
  rows.one<{ observed_ready: boolean; observed_restarts: number; observed_seq: string; phase: string }>(
    'SELECT observed_ready, observed_restarts, observed_seq, phase FROM instance WHERE id = $1',
    [id],
  );

async function instanceWithRow(): Promise<InstanceUnderTest> {
  const instance = world.instance();
  await rows.instance({ id: instance.id });
  return instance;
}

test('an operation that waits goes on when the bridge reports what it waits for', async () => {
  const { id, claw, send } = await instanceWithRow();
  claw.obeys = false;
  const { operationId } = await rows.operation(id, 'create');
  await send('create', { operationId });
  await claw.until(() => claw.step(operationId, 'await-process')?.state === 'running');
  await report([fact(id, { phase: 'starting', ready: false }), fact(id, {})]);
  expect(await claw.ends(operationId)).toMatchObject({ state: 'succeeded' });
  await handled();
  expect(await observed(id)).toMatchObject({ observed_ready: true, observed_seq: String(seq) });
});

test('many changes of readiness are rows and one event per batch at most, and no signal', async () => {
  const { id, claw, send, view } = await instanceWithRow();
  await claw.ends(await send('create'));
  await rows.all("UPDATE instance SET intent_phase = 'Running' WHERE id = $1", [id]);
  const before = claw.calls.length;
  await report(Array.from({ length: 30 }, (_, index) => fact(id, { ready: index % 2 === 0 })));
  await handled();
  expect(await observed(id)).toMatchObject({ observed_ready: false, phase: 'Starting' });
  expect(await view()).toMatchObject({ repairs: 0, phase: 'Running' });
  expect(claw.calls.length).toBe(before);
});

test('a fact older than what was seen changes nothing', async () => {
  const { id } = await instanceWithRow();
  await report([fact(id, { restarts: 3 })]);
  await handled();
  await report([{ ...fact(id, { restarts: 1, ready: false }), seq: -1 }]);
  await handled();
  expect(await observed(id)).toMatchObject({ observed_ready: true, observed_restarts: 3 });
});

test('a host cannot speak about the claw of another host', async () => {
  const { id } = await instanceWithRow();
  await rows.all("INSERT INTO host (id, name, token_hash) VALUES ('hst_other', 'other', 'x')");
  await rows.all("UPDATE instance SET host_id = 'hst_other' WHERE id = $1", [id]);
  await report([fact(id, {})]);
  await handled();
  expect(await observed(id)).toMatchObject({ observed_ready: false, observed_seq: '0' });
});

test('facts survive a database that closes every connection', async () => {
  const { id } = await instanceWithRow();
  const superuser = new pg.Client({ connectionString: inject('services').superuserUrl });
  await superuser.connect();
  const name = new URL(database.ownerUrl).pathname.slice(1);
  const { rowCount } = await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clawloops_system' AND datname = $1", [
    name,
  ]);
  await superuser.end();
  expect(rowCount).toBeGreaterThan(0);
  await report([fact(id, { restarts: 5 })]);
  await handled();
  expect(await observed(id)).toMatchObject({ observed_restarts: 5 });
});

test('a crash is told once, however often its facts are read', async () => {
  const { id } = await instanceWithRow();
  await rows.all("UPDATE instance SET intent_phase = 'Running' WHERE id = $1", [id]);
  const ready = fact(id, {});
  const crash = fact(id, { phase: 'backing-off', pid: null, ready: false, exitCode: 137 });
  await report([ready, crash, fact(id, { restarts: 1, pid: 4712 })]);
  await handled();
  await report([crash]);
  await handled();
  const told = await rows.all<{ type: string; count: number; host_id: string }>(
    'SELECT type, count, host_id FROM fleet_event WHERE instance_id = $1 ORDER BY type',
    [id],
  );
  expect(told).toEqual([
    { type: 'instance.crashed', count: 1, host_id: rows.hostId },
    { type: 'instance.running', count: 1, host_id: rows.hostId },
  ]);
});
