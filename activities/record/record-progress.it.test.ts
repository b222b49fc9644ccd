import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { type Database, openDatabase } from '../../prisma/client.ts';
import { type TestRows, testRows } from '../testing/rows.ts';
import type { InstanceRecord, OperationRecord, RecordActivities } from './contract.ts';
import { createRecordActivities } from './record-progress.ts';

let test_: TestDatabase;
let database: Database;
let rows: TestRows;
let record: RecordActivities['recordProgress'];
let instanceId: string;

beforeAll(async () => {
  test_ = await testDatabase();
  database = openDatabase({ url: test_.appUrl });
  rows = await testRows(test_.ownerUrl);
  ({ recordProgress: record } = createRecordActivities({ database }));
});

beforeEach(async () => {
  instanceId = await rows.instance();
});

afterAll(async () => {
  await database.close();
  await rows.close();
  await test_.drop();
});

const AT = '2026-11-21T10:00:00.000Z';

function operation(id: string, over: Partial<OperationRecord> = {}): OperationRecord {
  return { id, state: 'running', steps: [], error: null, allowed: [], startedAt: AT, finishedAt: null, ...over };
}

function instance(phase: InstanceRecord['phase'], over: Partial<InstanceRecord> = {}): InstanceRecord {
  return { phase, reason: null, message: null, conditions: [], configHash: null, version: null, appliedGeneration: null, ...over };
}

const write = (operation_: OperationRecord | null, instance_: InstanceRecord | null) =>
  record({ tenantId: rows.tenantId, instanceId, operation: operation_, instance: instance_ });
const row = () =>
  rows.one<{
    intent_phase: string;
    phase: string;
    operation_id: string;
    applied_generation: number;
    transition_at: Date;
    destroyed_at: Date | null;
    reason: string | null;
  }>('SELECT * FROM instance WHERE id = $1', [instanceId]);
const events = async () =>
  (
    await rows.all<{ type: string }>(
      "SELECT payload->>'type' AS type FROM outbox WHERE key = $1 OR key IN (SELECT id FROM operation WHERE instance_id = $1) ORDER BY seq",
      [instanceId],
    )
  ).map(({ type }) => type);

test('operation, instance and their events are written together', async () => {
  const { operationId, generation } = await rows.operation(instanceId, 'create');
  await write(operation(operationId), instance('Creating'));
  await write(
    operation(operationId, { state: 'succeeded', finishedAt: AT }),
    instance('Running', { appliedGeneration: generation, configHash: 'sha256:a', version: '1' }),
  );
  expect(await row()).toMatchObject({
    intent_phase: 'Running',
    phase: 'Starting',
    operation_id: operationId,
    applied_generation: 1,
    config_hash: 'sha256:a',
    applied_version: '1',
  });
  expect(await rows.one('SELECT state, finished_at FROM operation WHERE id = $1', [operationId])).toEqual({ state: 'succeeded', finished_at: new Date(AT) });
  expect(await events()).toEqual(['operation.updated', 'instance.updated', 'operation.updated', 'instance.updated']);
});

test('an operation that has ended is not changed by a late or repeated write, and neither is its instance', async () => {
  const { operationId } = await rows.operation(instanceId, 'create');
  const end = operation(operationId, { state: 'failed', finishedAt: AT });
  await write(end, instance('Failed', { reason: 'TIMEOUT' }));
  const before = { row: await row(), events: await events() };
  await write(operation(operationId, { state: 'retrying' }), instance('Creating'));
  await write(end, instance('Failed', { reason: 'TIMEOUT' }));
  expect({ row: await row(), events: await events() }).toEqual(before);
});

test('an earlier operation says nothing about an instance that a later one has begun to change', async () => {
  const first = await rows.operation(instanceId, 'create');
  const second = await rows.operation(instanceId, 'kill');
  await write(operation(second.operationId), instance('Stopping'));
  await write(operation(first.operationId, { state: 'cancelled', finishedAt: AT }), instance('Creating'));
  expect(await row()).toMatchObject({ intent_phase: 'Stopping', operation_id: second.operationId });
  expect(await rows.one('SELECT state FROM operation WHERE id = $1', [first.operationId])).toEqual({ state: 'cancelled' });
});

test('what the entity does by itself is written only while no operation runs', async () => {
  const { operationId } = await rows.operation(instanceId, 'start');
  await write(operation(operationId), instance('Starting'));
  await write(null, instance('Failed', { reason: 'CRASH_LOOP' }));
  expect(await row()).toMatchObject({ intent_phase: 'Starting', reason: null });
  await write(operation(operationId, { state: 'succeeded', finishedAt: AT }), instance('Running'));
  await write(null, instance('Failed', { reason: 'CRASH_LOOP' }));
  expect(await row()).toMatchObject({ intent_phase: 'Failed', reason: 'CRASH_LOOP', operation_id: operationId });
});

test('an operation that was refused leaves the instance alone', async () => {
  await write(null, instance('Running'));
  const { operationId } = await rows.operation(instanceId, 'start');
  await write(
    operation(operationId, { state: 'failed', startedAt: null, finishedAt: AT, error: { code: 'ILLEGAL_TRANSITION', message: 'no', nextStep: 'n' } }),
    null,
  );
  expect(await row()).toMatchObject({ intent_phase: 'Running', operation_id: null });
  expect((await events()).at(-1)).toBe('operation.updated');
});

test('the time of the last transition moves with the phase only', async () => {
  const { operationId } = await rows.operation(instanceId, 'create');
  await write(operation(operationId), instance('Creating', { reason: 'A' }));
  // An hour ago, because all of this may happen within one millisecond.
  await rows.all("UPDATE instance SET transition_at = transition_at - interval '1 hour' WHERE id = $1", [instanceId]);
  const first = await row();
  await write(operation(operationId), instance('Creating', { reason: 'B' }));
  expect((await row()).transition_at).toEqual(first.transition_at);
  await write(operation(operationId), instance('Running'));
  expect((await row()).transition_at.getTime()).toBeGreaterThan(first.transition_at.getTime());
});

test('a destroyed instance stays destroyed', async () => {
  const { operationId } = await rows.operation(instanceId, 'destroy');
  await write(operation(operationId, { state: 'succeeded', finishedAt: AT }), instance('Destroyed'));
  expect((await row()).destroyed_at).toBeInstanceOf(Date);
  expect((await events()).at(-1)).toBe('instance.destroyed');
  await write(null, instance('Running'));
  expect(await row()).toMatchObject({ intent_phase: 'Destroyed' });
});

test('text that the database cannot hold is written without the characters it refuses', async () => {
  const { operationId } = await rows.operation(instanceId, 'create');
  const error = { code: 'INTERNAL', message: 'broken \0 and \ud800 half', nextStep: 'n' } as const;
  await write(operation(operationId, { state: 'failed', finishedAt: AT, error }), instance('Failed', { reason: 'INTERNAL', message: error.message }));
  expect(await rows.one('SELECT error FROM operation WHERE id = $1', [operationId])).toEqual({ error: { ...error, message: 'broken  and \ufffd half' } });
});

const told = () =>
  rows.all<{ type: string; severity: string; operation_id: string | null; data: object; count: number }>(
    'SELECT type, severity, operation_id, data, count FROM fleet_event WHERE instance_id = $1 ORDER BY first_at, type',
    [instanceId],
  );

test('people hear once how an operation ended and that the claw runs, however often it is written', async () => {
  await rows.all("UPDATE instance SET intent_phase = 'Creating', observed_ready = true WHERE id = $1", [instanceId]);
  const { operationId } = await rows.operation(instanceId, 'create');
  await write(operation(operationId), instance('Creating'));
  const ended = operation(operationId, { state: 'succeeded', finishedAt: '2026-11-21T10:00:12.000Z' });
  for (let again = 0; again < 2; again += 1) await write(ended, instance('Running'));
  expect(await told()).toEqual([
    { type: 'instance.running', severity: 'info', operation_id: null, data: {}, count: 1 },
    { type: 'operation.succeeded', severity: 'info', operation_id: operationId, data: { kind: 'create', seconds: 12, retention: null }, count: 1 },
  ]);
});

test('people hear of a step that waits for another try, and how often it did', async () => {
  const { operationId } = await rows.operation(instanceId, 'create');
  const error = { code: 'IMAGE_PULL_FAILED', message: 'No such package\0.', nextStep: '' } as const;
  const step = { name: 'prepare-runtime', attempt: 1, maxAttempts: 8, nextAttemptAt: AT, startedAt: AT, finishedAt: null, error } as const;
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await write(operation(operationId, { state: 'retrying', steps: [{ ...step, attempt, state: 'retrying' }] }), null);
    await write(operation(operationId, { state: 'running', steps: [{ ...step, attempt, state: 'running' }] }), null);
  }
  const { code, message } = error;
  expect(await told()).toMatchObject([
    { type: 'operation.retrying', count: 2, data: { kind: 'create', step: 'prepare-runtime', code, message: message.replace('\0', '') } },
  ]);
});

test('people hear that the circuit opened', async () => {
  await rows.all("UPDATE instance SET intent_phase = 'Running' WHERE id = $1", [instanceId]);
  await write(null, instance('Failed', { reason: 'CRASH_LOOP', message: 'It crashes.' }));
  await write(null, instance('Failed', { reason: 'CRASH_LOOP', message: 'It still does.' }));
  expect(await told()).toMatchObject([{ type: 'instance.circuit-opened', severity: 'error', count: 1 }]);
});
