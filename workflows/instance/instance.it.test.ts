import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporalAddress } from '../../deploy/local/testing/database.ts';
import { type EntityWorld, entityWorld, FAST, PATIENT } from '../testing/entity-world.ts';
import { historyAtRest } from '../testing/history-at-rest.ts';
import { failing } from '../testing/scripted-claw.ts';

let world: EntityWorld;

beforeAll(async () => {
  world = await entityWorld({ address: temporalAddress() });
});

afterAll(async () => {
  await world.close();
  // A handler that had not finished when its workflow ended would have been cut off.
  expect(world.warnings.filter((warning) => warning.includes('TMPRL1102'))).toEqual([]);
});

describe('one operation after another', () => {
  test('stop, start, restart, update and rotate lead where they should', async () => {
    const { claw, send } = world.instance();
    const phases: (string | undefined)[] = [];
    for (const kind of ['create', 'stop', 'start', 'restart', 'update', 'rotate-key'] as const) {
      expect(await claw.ends(await send(kind)), kind).toMatchObject({ state: 'succeeded' });
      phases.push(claw.phase);
    }
    expect(phases).toEqual(['Running', 'Stopped', 'Running', 'Running', 'Running', 'Running']);
  });

  test('kill ends what runs and leaves the instance stopped', async () => {
    const { claw, send } = world.instance(PATIENT);
    claw.obeys = false;
    const create = await send('create');
    await claw.until(() => claw.step(create, 'await-process')?.state === 'running');
    claw.obeys = true;
    const kill = await send('kill');
    expect(await claw.ends(create)).toMatchObject({ state: 'cancelled', error: { code: 'PREEMPTED' } });
    expect(await claw.ends(kill)).toMatchObject({ state: 'succeeded' });
    expect(claw.phase).toBe('Stopped');
    expect(claw.called('stopWorkload') + claw.called('destroyWorkload')).toBe(0);
  });

  test('an operation that became illegal ends failed and changes nothing', async () => {
    const { claw, send } = world.instance();
    await claw.ends(await send('create'));
    const before = claw.calls.length;
    expect(await claw.ends(await send('start'))).toMatchObject({ state: 'failed', error: { code: 'ILLEGAL_TRANSITION' }, steps: [] });
    expect(claw.calls.slice(before).map(({ name }) => name)).toEqual(['recordProgress']);
    expect(claw.phase).toBe('Running');
  });

  test('a command that is delivered twice is carried out once', async () => {
    const { claw, send } = world.instance();
    await claw.ends(await send('create'));
    const restart = { seq: 2, operationId: 'op_restart' };
    await send('restart', restart);
    await send('restart', restart);
    await claw.ends('op_restart');
    await send('restart', restart);
    await claw.ends(await send('stop', { seq: 3 }));
    expect(claw.called('applyWorkload')).toBe(2);
  });

  test('what a cancel undoes is undone in a later task than the one that wrote the cancel down', async () => {
    const { claw, send, control, handle } = world.instance(PATIENT);
    claw.on('reserveSlot', () => failing('UNSCHEDULABLE'));
    const create = await send('create');
    await claw.reaches(create, 'retrying');
    await control(create, 'cancel');
    await claw.ends(create);
    const { events = [] } = await historyAtRest(handle);
    const accepted = events?.findIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes) ?? -1;
    const undone = events?.findIndex((event, index) => index > accepted && event.markerRecordedEventAttributes?.markerName === 'core_local_activity') ?? -1;
    const between = events?.slice(accepted, undone).filter((event) => event.workflowTaskCompletedEventAttributes) ?? [];
    expect(accepted).toBeGreaterThan(0);
    expect(undone).toBeGreaterThan(accepted);
    expect(between).not.toEqual([]);
  });

  test('a queued operation can be cancelled before it begins', async () => {
    const { claw, send, control } = world.instance(PATIENT);
    claw.on('reserveSlot', (_input, call) => (call === 1 ? failing('UNSCHEDULABLE') : { skipped: false }));
    const create = await send('create');
    await claw.reaches(create, 'retrying');
    const restart = await send('restart');
    await control(restart, 'cancel');
    await control(create, 'retry-now');
    expect(await claw.ends(restart)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect(claw.called('applyWorkload')).toBe(1);
    expect(claw.phase).toBe('Running');
  });

  test('a create that is cancelled before it begins ends as one that is cancelled later, and holds nothing', async () => {
    const { claw, send, handle } = world.instance();
    // What a worker did of it that was lost is in no history: the next one is given the command and the cancel in one task.
    await world.stopWorker();
    const create = await send('create');
    const cancelled = handle.executeUpdate('control', { args: [{ operationId: create, control: 'cancel', requestedBy: 'usr_1' }], updateId: 'cancel' });
    const updateRef = { workflowExecution: { workflowId: handle.workflowId }, updateId: 'cancel' };
    const admitted = () => world.client.workflowService.pollWorkflowExecutionUpdate({ namespace: world.namespace, updateRef }).then(() => true);
    await expect.poll(() => admitted().catch(() => false)).toBe(true);
    await world.startWorker();
    await cancelled;
    expect(await claw.ends(create)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect([claw.called('revokeModelKeys'), claw.called('releaseInstance'), claw.called('applyWorkload')]).toEqual([1, 1, 0]);
    expect(claw.phase).toBe('Failed');
  });

  test('destroy ends the entity, and what was still queued ends too', async () => {
    const { claw, send, handle } = world.instance(PATIENT);
    await claw.ends(await send('create'));
    claw.on('revokeModelKeys', (_input, call) => (call === 1 ? failing('DATABASE_UNAVAILABLE') : { skipped: false }));
    const destroy = await send('destroy', { params: { retention: 'wipe' } });
    await claw.reaches(destroy, 'retrying');
    const late = await send('stop');
    await handle.executeUpdate('control', { args: [{ operationId: destroy, control: 'retry-now', requestedBy: 'usr_1' }] });
    expect(await claw.ends(destroy)).toMatchObject({ state: 'succeeded' });
    expect(await claw.ends(late)).toMatchObject({ state: 'failed', error: { code: 'ILLEGAL_TRANSITION' } });
    expect(claw.calls.find(({ name }) => name === 'destroyWorkload')?.input).toMatchObject({ retention: 'wipe' });
    expect(await handle.result()).toEqual({ phase: 'Destroyed', highestSeq: 3 });
    await expect(send('start')).rejects.toThrow('already');
  });
});

describe('an idle entity', () => {
  test('asks for no timer and writes no event', async () => {
    const { claw, send, handle } = world.instance();
    await claw.ends(await send('create'));
    await claw.until(() => claw.phase === 'Running');
    const { events } = await historyAtRest(handle);
    const started = events?.filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes).length;
    const over = events?.filter(
      ({ timerFiredEventAttributes, timerCanceledEventAttributes }) => timerFiredEventAttributes ?? timerCanceledEventAttributes,
    ).length;
    expect(started).toBe(over);
  });

  test('five crashes within a quarter of an hour open the circuit, and a person closes it by starting again', async () => {
    const { claw, send, fact, view } = world.instance();
    await claw.ends(await send('create'));
    for (let restarts = 0; restarts < 5; restarts += 1) await fact(claw.newFact('exited', 1, { restarts, code: 'PROCESS_EXITED' }));
    await claw.until(() => claw.records.at(-1)?.instance?.reason === 'CRASH_LOOP');
    expect(claw.records.at(-1)).toMatchObject({ operation: null, instance: { phase: 'Failed', reason: 'CRASH_LOOP' } });
    expect(claw.calls.findLast(({ name }) => name === 'stopWorkload')?.input).toMatchObject({ generation: 101 });
    const start = await send('start');
    expect(await claw.ends(start)).toMatchObject({ state: 'succeeded' });
    // The command's own generation had been overtaken by the breaker's.
    expect(claw.calls.findLast(({ name }) => name === 'applyWorkload')?.input).toMatchObject({ generation: 102 });
    expect(await view()).toMatchObject({ phase: 'Running', repairs: 0 });
  });

  test('tells the runtime again when a workload is lost or its files were changed by hand', async () => {
    const { claw, send, fact } = world.instance();
    await claw.ends(await send('create'));
    await fact(claw.newFact('lost', 1));
    await claw.until(() => claw.called('repeatWorkload') === 1);
    await fact(claw.newFact('drifted', 1));
    await claw.until(() => claw.called('repeatWorkload') === 2);
    expect(claw.phase).toBe('Running');
  });

  test('a start that ran out of attempts heals when its restart answers after all', async () => {
    const { claw, send, fact } = world.instance({ ...FAST, maxAttempts: 1, readyMs: 1, processMs: 60_000 });
    await claw.ends(await send('create'));
    claw.obeys = false;
    const restart = await send('restart');
    await claw.until(() => claw.step(restart, 'await-process')?.state === 'running');
    await fact(claw.newFact('running', 2));
    expect(await claw.ends(restart)).toMatchObject({ state: 'failed', error: { code: 'GATEWAY_UNAVAILABLE' } });
    expect(claw.phase).toBe('Failed');
    await fact(claw.newFact('ready', 2));
    await claw.until(() => claw.phase === 'Running');
  });
});

describe('history', () => {
  test('is cut when it grows, and the entity goes on where it was', async () => {
    const { claw, send, handle, view } = world.instance({ ...FAST, historyEvents: 20 });
    await claw.ends(await send('create'));
    const first = (await handle.describe()).runId;
    for (let index = 0; index < 4; index += 1) expect(await claw.ends(await send('restart'))).toMatchObject({ state: 'succeeded' });
    await expect.poll(async () => (await handle.describe()).runId).not.toBe(first);
    // Delivered again after the cut: the ring of processed operations came along.
    const applied = claw.called('applyWorkload');
    await send('restart', { seq: 5, operationId: 'op_5_restart' });
    await claw.ends(await send('stop', { seq: 6 }));
    expect(claw.called('applyWorkload')).toBe(applied);
    expect(await view()).toMatchObject({ phase: 'Stopped', highestSeq: 6 });
  });

  test('holds no readable payload and no readable failure', async () => {
    const { claw, send, handle } = world.instance();
    claw.on('reserveSlot', (_input, call) => (call === 1 ? failing('UNSCHEDULABLE', 'a very private sentence') : { skipped: false }));
    await claw.ends(await send('create'));
    const history = JSON.stringify(await historyAtRest(handle), (_key, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(history).toContain('clawloops-key');
    expect(history).not.toContain('private sentence');
    expect(history).not.toContain('op_1_create');
    expect(history).not.toContain('scripted-claw');
  });
});

test('search attributes name the tenant, the instance and the phase', async () => {
  const { claw, send, handle, id } = world.instance();
  await claw.ends(await send('create'));
  await expect
    .poll(async () => Object.fromEntries((await handle.describe()).typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])))
    .toMatchObject({
      ClawTenant: 'ten_1',
      ClawInstance: id,
      ClawPhase: 'Running',
      ClawKind: 'plain',
      ClawGeneration: 1,
    });
});
