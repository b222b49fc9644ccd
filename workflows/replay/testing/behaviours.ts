import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { hostObserverWorkflowId, keyRotationWorkflowId, METRICS_WORKFLOW_ID, providerVerifyWorkflowId } from '../../contracts/ids.ts';
import { TaskQueue } from '../../contracts/task-queues.ts';
import type { hostObserverWorkflow } from '../../host/host-observer.workflow.ts';
import type { metricsHousekeepingWorkflow } from '../../housekeeping/metrics-housekeeping.workflow.ts';
import type { providerVerifyWorkflow } from '../../provider/provider-verify.workflow.ts';
import type { keyRotationWorkflow } from '../../secrets/key-rotation.workflow.ts';
import { FAST, PATIENT } from '../../testing/entity-world.ts';
import { failing, PLAIN } from '../../testing/scripted-claw.ts';
import type { Behaviour } from './behaviour.ts';
import { rolloutBehaviours } from './rollout-behaviours.ts';

const FULL = { ...PLAIN, type: 'openclaw', keyDelivery: 'dial', confirmsConfig: true, checksConfig: true, needsRuntime: true } as const;

/** What has been shipped: each must replay for as long as a run that began with it may live. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  'create-to-destroy': async (world, id) => {
    const { claw, send, handle } = world.instance(FAST, id);
    claw.outline = FULL;
    for (const kind of ['create', 'restart', 'update', 'rotate-key', 'stop', 'start', 'kill', 'destroy'] as const) await claw.ends(await send(kind));
    await handle.result();
    return [{ handle }];
  },
  'create-waits-for-facts': async (world, id) => {
    const { claw, send, fact, handle } = world.instance(PATIENT, id);
    claw.obeys = false;
    const operation = await send('create');
    await claw.until(() => claw.step(operation, 'await-process')?.state === 'running');
    await fact(claw.newFact('running', 1));
    await claw.until(() => claw.step(operation, 'await-ready')?.state === 'running');
    await fact(claw.newFact('exited', 1, { code: 'PROCESS_EXITED' }));
    await claw.reaches(operation, 'retrying');
    await fact(claw.newFact('ready', 1, { restarts: 1 }));
    await claw.ends(operation);
    return [{ handle }];
  },
  'retry-now-and-give-up': async (world, id) => {
    const { claw, send, control, handle } = world.instance(PATIENT, id);
    claw.on('applyWorkload', () => failing('HOST_OFFLINE'));
    const operation = await send('create');
    await claw.reaches(operation, 'retrying');
    await control(operation, 'retry-now');
    await claw.until(() => claw.step(operation, 'apply-workload')?.state === 'retrying' && claw.step(operation, 'apply-workload')?.attempt === 2);
    await control(operation, 'give-up');
    await claw.ends(operation);
    return [{ handle }];
  },
  'attempts-run-out': async (world, id) => {
    const { claw, send, handle } = world.instance({ ...FAST, maxAttempts: 2 }, id);
    claw.on('reserveSlot', () => failing('UNSCHEDULABLE'));
    await claw.ends(await send('create'));
    return [{ handle }];
  },
  'cancel-in-a-step': async (world, id) => {
    const { claw, send, control, handle } = world.instance(PATIENT, id);
    claw.outline = FULL;
    claw.on('prepareRuntime', () => Context.current().cancelled);
    const operation = await send('create');
    await claw.until(() => claw.called('prepareRuntime') === 1);
    await control(operation, 'cancel');
    await claw.ends(operation);
    return [{ handle }];
  },
  'kill-pre-empts': async (world, id) => {
    const { claw, send, handle } = world.instance(PATIENT, id);
    claw.obeys = false;
    const create = await send('create');
    await claw.until(() => claw.step(create, 'await-process')?.state === 'running');
    claw.obeys = true;
    await claw.ends(await send('kill'));
    return [{ handle }];
  },
  'illegal-and-repeated-commands': async (world, id) => {
    const { claw, send, handle } = world.instance(FAST, id);
    await claw.ends(await send('create'));
    await send('create', { seq: 1, operationId: 'op_1_create' });
    await claw.ends(await send('start', { seq: 2 }));
    return [{ handle }];
  },
  'circuit-opens': async (world, id) => {
    const { claw, send, fact, handle } = world.instance(FAST, id);
    await claw.ends(await send('create'));
    await fact(claw.newFact('lost', 1));
    for (let restarts = 0; restarts < 5; restarts += 1) await fact(claw.newFact('exited', 1, { restarts, code: 'PROCESS_EXITED' }));
    await claw.until(() => claw.records.at(-1)?.instance?.reason === 'CRASH_LOOP');
    await claw.ends(await send('start'));
    return [{ handle }];
  },
  'host-observed': async (world, id) => {
    const calls: unknown[] = [];
    world.on('observeHost', (input) => (calls.push(input) === 1 ? undefined : Context.current().cancelled));
    const options = { workflowId: hostObserverWorkflowId(id), taskQueue: TaskQueue.core } as const;
    const handle = await world.client.workflow.start<typeof hostObserverWorkflow>('hostObserverWorkflow', { ...options, args: [{ hostId: id }] });
    while (calls.length < 2) await sleep(20);
    const watched = world.client.workflow.getHandle(handle.workflowId);
    await watched.terminate('recorded');
    return [{ handle, runId: handle.firstExecutionRunId }];
  },
  'metrics-rolled-up': async (world, id) => {
    let passes = 0;
    world.on('rollUpMetrics', () => {
      passes += 1;
    });
    const handle = await world.client.workflow.start<typeof metricsHousekeepingWorkflow>('metricsHousekeepingWorkflow', {
      workflowId: `${METRICS_WORKFLOW_ID}/${id}`,
      taskQueue: TaskQueue.core,
      args: [{ everyMilliseconds: 50, passesPerRun: 2 }],
    });
    while (passes < 3) await sleep(20);
    await world.client.workflow.getHandle(handle.workflowId).terminate();
    return [{ handle, runId: handle.firstExecutionRunId }];
  },
  'provider-verified': async (world, id) => {
    world.on('verifyProvider', () => ({ state: 'verified' }));
    const input = { tenantId: 'ten_1', providerId: id, revision: 1 };
    const options = { workflowId: providerVerifyWorkflowId(id, 1), taskQueue: TaskQueue.core } as const;
    const handle = await world.client.workflow.start<typeof providerVerifyWorkflow>('providerVerifyWorkflow', { ...options, args: [input] });
    await handle.result();
    return [{ handle }];
  },
  'keys-rotated': async (world, id) => {
    const passes = [7, 2, 0];
    world.on('resealSecrets', () => ({ resealed: passes.shift() ?? 0, unreadable: 1 }));
    const options = { workflowId: keyRotationWorkflowId(id), taskQueue: TaskQueue.core } as const;
    const handle = await world.client.workflow.start<typeof keyRotationWorkflow>('keyRotationWorkflow', { ...options, args: [{ rotationId: id }] });
    await handle.result();
    return [{ handle }];
  },
  ...rolloutBehaviours,
  'continued-as-new': async (world, id) => {
    const { claw, send, handle } = world.instance({ ...FAST, historyEvents: 20 }, id);
    await claw.ends(await send('create'));
    const { runId } = await handle.describe();
    await claw.ends(await send('restart'));
    await claw.ends(await send('stop'));
    return [{ handle, runId }, { handle }];
  },
};
