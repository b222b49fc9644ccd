import { Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporalAddress } from '../../deploy/local/testing/database.ts';
import { type EntityWorld, entityWorld, FAST, PATIENT } from '../testing/entity-world.ts';
import { failing, PLAIN } from '../testing/scripted-claw.ts';

let world: EntityWorld;

beforeAll(async () => {
  world = await entityWorld({ address: temporalAddress() });
});

afterAll(async () => {
  await world.close();
  // A handler that had not finished when its workflow ended would have been cut off.
  expect(world.warnings.filter((warning) => warning.includes('TMPRL1102'))).toEqual([]);
});

const OPENCLAW = { ...PLAIN, type: 'openclaw', keyDelivery: 'dial', confirmsConfig: true, checksConfig: true, needsRuntime: true } as const;

describe('create', () => {
  test('runs every step once and ends Running', async () => {
    const { claw, send } = world.instance();
    claw.outline = OPENCLAW;
    const end = await claw.ends(await send('create'));
    expect(end).toMatchObject({ state: 'succeeded', error: null, allowed: [] });
    expect(end.steps.map(({ name, state, attempt }) => [name, state, attempt])).toEqual([
      ['reserve', 'succeeded', 1],
      ['issue-model-key', 'succeeded', 1],
      ['prepare-runtime', 'succeeded', 1],
      ['render-config', 'succeeded', 1],
      ['apply-workload', 'succeeded', 1],
      ['await-process', 'succeeded', 1],
      ['await-ready', 'succeeded', 1],
      ['verify-config', 'succeeded', 1],
      ['deliver-model-key', 'succeeded', 1],
      ['probe-model', 'succeeded', 1],
    ]);
    expect(claw.phase).toBe('Running');
    const conditions = claw.records.at(-1)?.instance?.conditions.map(({ type, status }) => [type, status]);
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['Scheduled', 'True'],
        ['ConfigApplied', 'True'],
        ['ModelReady', 'True'],
      ]),
    );
  });

  test('waits for the facts of the observer, and not being ready yet spends no attempt', async () => {
    const { claw, send, fact } = world.instance();
    claw.obeys = false;
    const operation = await send('create');
    await claw.until(() => claw.step(operation, 'await-process')?.state === 'running');
    await fact(claw.newFact('running', 1));
    await claw.until(() => claw.step(operation, 'await-ready')?.state === 'running');
    await fact(claw.newFact('not-ready', 1));
    await fact(claw.newFact('ready', 1));
    const end = await claw.ends(operation);
    expect(end.state).toBe('succeeded');
    expect(end.steps.every(({ attempt }) => attempt <= 1)).toBe(true);
  });

  test('a model that does not answer is a condition, not a failure', async () => {
    const { claw, send } = world.instance();
    claw.outline = OPENCLAW;
    claw.on('probeModel', () => ({ skipped: false, ok: false, reason: 'MODEL_UNAVAILABLE', message: 'no' }));
    expect(await claw.ends(await send('create'))).toMatchObject({ state: 'succeeded' });
    expect(claw.records.at(-1)?.instance?.conditions).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'ModelReady', status: 'False', reason: 'MODEL_UNAVAILABLE' })]),
    );
  });
});

describe('a step that fails', () => {
  test('is tried again, and its attempts, error and next attempt are shown', async () => {
    const { claw, send } = world.instance();
    claw.on('reserveSlot', (_input, call) => (call < 3 ? failing('UNSCHEDULABLE', 'The host is full.') : { skipped: false }));
    // Looked for from the start: the wait is over within a few milliseconds.
    const firstWait = claw.reaches('op_1_create', 'retrying');
    const operation = await send('create');
    const waiting = await firstWait;
    expect(waiting.steps[0]).toMatchObject({
      state: 'retrying',
      attempt: 1,
      maxAttempts: 8,
      error: { code: 'UNSCHEDULABLE', message: 'The host is full.', nextStep: 'Do something.' },
    });
    expect(Date.parse(waiting.steps[0]?.nextAttemptAt ?? '')).not.toBeNaN();
    expect(waiting.allowed).toEqual(['retry-now', 'give-up', 'cancel']);
    expect(await claw.ends(operation)).toMatchObject({
      state: 'succeeded',
      steps: expect.arrayContaining([expect.objectContaining({ name: 'reserve', attempt: 3, error: null })]),
    });
  });

  test('fails at once when waiting cannot help, and a create is undone', async () => {
    const { claw, send } = world.instance(PATIENT);
    claw.on('renderConfig', () => failing('INVALID_CONFIG', 'The setting is wrong.'));
    const end = await claw.ends(await send('create'));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'INVALID_CONFIG', message: 'The setting is wrong.' } });
    expect(end.steps.find(({ name }) => name === 'render-config')).toMatchObject({ state: 'failed', attempt: 1 });
    expect([claw.called('applyWorkload'), claw.called('revokeModelKeys'), claw.called('releaseInstance')]).toEqual([0, 1, 1]);
    expect(claw.records.at(-1)?.instance).toMatchObject({ phase: 'Failed', reason: 'INVALID_CONFIG' });
  });

  test('fails for good after its last attempt', async () => {
    const { claw, send } = world.instance({ ...FAST, maxAttempts: 3 });
    claw.on('reserveSlot', () => failing('UNSCHEDULABLE'));
    const end = await claw.ends(await send('create'));
    expect(end).toMatchObject({ state: 'failed', error: { code: 'UNSCHEDULABLE' } });
    expect(claw.called('reserveSlot')).toBe(3);
  });

  test('a claw that crashes while it starts spends an attempt, and its coming up cuts the wait short', async () => {
    const { claw, send, fact } = world.instance(PATIENT);
    claw.obeys = false;
    const operation = await send('create');
    await claw.until(() => claw.step(operation, 'await-process')?.state === 'running');
    await fact(claw.newFact('running', 1));
    await claw.until(() => claw.step(operation, 'await-ready')?.state === 'running');
    await fact(claw.newFact('exited', 1, { code: 'PROCESS_EXITED', message: 'It ended with exit code 1.' }));
    expect((await claw.reaches(operation, 'retrying')).steps.at(-1)).toBeDefined();
    expect(claw.step(operation, 'await-ready')).toMatchObject({ state: 'retrying', attempt: 1, error: { code: 'PROCESS_EXITED' } });
    await fact(claw.newFact('ready', 1, { restarts: 1 }));
    expect(await claw.ends(operation)).toMatchObject({ state: 'succeeded' });
    expect(claw.step(operation, 'await-ready')).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('a blocked runtime that stays silent fails each attempt with its reason; retry now tells it to try again', async () => {
    const { claw, send, control, fact } = world.instance({ ...PATIENT, recheckMs: 1 });
    claw.obeys = false;
    claw.fact = claw.newFact('blocked', 1, { code: 'VOLUME_UNAVAILABLE', message: 'The folder is read-only.' });
    const operation = await send('create');
    await claw.reaches(operation, 'retrying');
    await control(operation, 'retry-now');
    await claw.until(() => claw.step(operation, 'await-process')?.state === 'retrying' && claw.step(operation, 'await-process')?.attempt === 2);
    expect(claw.step(operation, 'await-process')?.error).toMatchObject({ code: 'VOLUME_UNAVAILABLE', message: 'The folder is read-only.' });
    expect(claw.called('repeatWorkload')).toBe(1);
    claw.on('repeatWorkload', () => {
      claw.fact = claw.newFact('ready', 1);
      return { skipped: false };
    });
    await control(operation, 'retry-now');
    await claw.until(() => claw.called('repeatWorkload') === 2);
    await fact(claw.newFact('ready', 1));
    expect(await claw.ends(operation)).toMatchObject({ state: 'succeeded' });
  });
});

describe('people', () => {
  test('retry now cuts the wait short', async () => {
    const { claw, send, control } = world.instance(PATIENT);
    claw.on('reserveSlot', (_input, call) => (call === 1 ? failing('UNSCHEDULABLE') : { skipped: false }));
    const operation = await send('create');
    await claw.reaches(operation, 'retrying');
    await control(operation, 'retry-now');
    expect(await claw.ends(operation)).toMatchObject({ state: 'succeeded' });
  });

  test('give up undoes a create, keeps the volume, and says why it was failing', async () => {
    const { claw, send, control } = world.instance(PATIENT);
    claw.on('applyWorkload', () => failing('HOST_OFFLINE', 'The host is away.'));
    const operation = await send('create');
    await claw.reaches(operation, 'retrying');
    await control(operation, 'give-up');
    const end = await claw.ends(operation);
    expect(end).toMatchObject({ state: 'failed', error: { code: 'GAVE_UP', message: 'The host is away.' } });
    expect(end.steps.slice(-4).map(({ name, state }) => [name, state])).toEqual([
      ['revoke-model-keys', 'succeeded'],
      ['destroy-workload', 'succeeded'],
      ['await-removed', 'succeeded'],
      ['release', 'succeeded'],
    ]);
    expect(claw.calls.find(({ name }) => name === 'destroyWorkload')?.input).toMatchObject({ retention: 'retain' });
    expect(claw.phase).toBe('Failed');
  });

  test('cancel stops a step under way and compensates', async () => {
    const { claw, send, control } = world.instance(PATIENT);
    claw.outline = OPENCLAW;
    claw.on('prepareRuntime', () => Context.current().cancelled);
    const operation = await send('create');
    await claw.until(() => claw.called('prepareRuntime') === 1);
    await control(operation, 'cancel');
    const end = await claw.ends(operation);
    expect(end).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect(end.steps.find(({ name }) => name === 'prepare-runtime')).toMatchObject({ state: 'cancelled' });
    expect(claw.called('revokeModelKeys')).toBe(1);
  });

  test('are told what is possible when they ask for something that is not', async () => {
    const { claw, send, control } = world.instance();
    const operation = await send('create');
    await claw.ends(operation);
    const refused = await control(operation, 'retry-now').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'ILLEGAL_TRANSITION' } satisfies Partial<ApplicationFailure>);
  });

  test('edit and retry takes the place of a create that waits', async () => {
    const { claw, send } = world.instance(PATIENT);
    claw.on('reserveSlot', (_input, call) => (call === 1 ? failing('UNSCHEDULABLE') : { skipped: false }));
    const create = await send('create');
    await claw.reaches(create, 'retrying');
    const retry = await send('retry');
    expect(await claw.ends(create)).toMatchObject({ state: 'cancelled', error: { code: 'PREEMPTED' } });
    expect(await claw.ends(retry)).toMatchObject({ state: 'succeeded' });
    expect(claw.called('revokeModelKeys')).toBe(0);
  });
});
