import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { buildWorkflowBundle } from '../../activities/build-workflow-bundle.ts';
import type { createActivities } from '../../activities/index.ts';
import type { KeyRing } from '../../activities/platform/secrets.ts';
import { createDataConverter } from '../../activities/platform/temporal/data-converter.ts';
import { workerOptions } from '../../activities/worker-options.ts';
import { instanceWorkflowId } from '../contracts/ids.ts';
import { type ControlRequest, type InstanceCommand, type InstanceFact, InstanceMessage } from '../contracts/instance.ts';
import type { OperationKind } from '../contracts/operation.ts';
import { TaskQueue } from '../contracts/task-queues.ts';
import type { InstanceInput, instanceWorkflow } from '../instance/instance.workflow.ts';
import type { InstanceEntityView } from '../instance/state.ts';
import type { Timing } from '../instance/timing.ts';
import { testNamespace } from './namespace.ts';
import { ScriptedClaw } from './scripted-claw.ts';
import { activityNames } from './scripted-names.ts';

/** Attempts follow one another at once; what a test does not wait for lasts longer than the test. */
export const FAST: Partial<Timing> = { backoffBaseMs: 1, backoffLimitMs: 4, recheckMs: 1 };
/** A wait for the next attempt that only a person or a fact ends. */
export const PATIENT: Partial<Timing> = { backoffBaseMs: 600_000, backoffLimitMs: 600_000 };

/** One instance under test: its entity on the real server, its outside scripted. */
export interface InstanceUnderTest {
  readonly id: string;
  readonly claw: ScriptedClaw;
  readonly handle: WorkflowHandle<typeof instanceWorkflow>;
  /** Delivers a command as the relay does; answers its operation id. */
  send(kind: OperationKind, more?: Partial<InstanceCommand>): Promise<string>;
  fact(fact: InstanceFact): Promise<void>;
  control(operationId: string, control: ControlRequest['control']): Promise<void>;
  view(): Promise<InstanceEntityView>;
}

export interface EntityWorld {
  readonly client: Client;
  readonly namespace: string;
  readonly keyRing: KeyRing;
  /** `id` where it must be the same every time. */
  instance(timing?: Partial<Timing>, id?: string): InstanceUnderTest;
  startWorker(): Promise<void>;
  /** Ends the workers in good order, as a stop signal does. */
  stopWorker(): Promise<void>;
  close(): Promise<void>;
  /** Scripts an activity that is about no instance. */
  on(name: OtherActivity, script: (input: unknown) => unknown): void;
  /** Warnings of the SDK, e.g. about handlers that had not finished. */
  readonly warnings: readonly string[];
}

const otherNames = [
  ...(['observeHost', 'verifyProvider', 'recordVerification', 'rollUpMetrics'] as const),
  ...(['openDataKey', 'resealSecrets', 'endKeyRotation'] as const),
  ...(['loadRollout', 'recordRollout', 'nextBatch', 'changeTarget', 'settleTarget', 'observeWave'] as const),
] as const;
/** Activities of hosts, providers, keys and rollouts. */
export type OtherActivity = (typeof otherNames)[number];

/** A key ring that lives as long as one test run. */
export function testKeyRing(): KeyRing {
  return { current: 'test', keys: new Map([['test', new Uint8Array(randomBytes(32))]]) };
}

export interface EntityWorldOptions {
  readonly address: string;
  readonly keyRing?: KeyRing;
  readonly autoStart?: boolean;
}

/** Real server, real codec, the worker's own options; only the activities are scripted. */
export async function entityWorld({ address, keyRing = testKeyRing(), autoStart = true }: EntityWorldOptions): Promise<EntityWorld> {
  const warnings: string[] = [];
  const note = (_meta: unknown, message: string) => warnings.push(message);
  const collect = (message: string) => note(null, message);
  const quiet = () => undefined;
  Runtime.install({ shutdownSignals: [], logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: collect, error: collect } });
  const namespace = await testNamespace(address);
  const dataConverter = createDataConverter(keyRing);
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const claws = new Map<string, ScriptedClaw>();
  const others = new Map<OtherActivity, (input: unknown) => unknown>();
  const code = await buildWorkflowBundle();
  let workers: Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();
  const world: EntityWorld = {
    client,
    namespace,
    keyRing,
    warnings,
    on: (name, script) => void others.set(name, script),
    instance: (timing = FAST, id = `ins_${randomUUID().replaceAll('-', '').slice(0, 20)}`) => instanceUnderTest(client, claws, timing, id),
    startWorker: async () => {
      const options = workerOptions({
        connection: native,
        namespace,
        dataConverter,
        activities: scriptedActivities(claws, others),
        workflowBundle: { code },
        logger: pino({ level: 'silent' }),
      });
      workers = await Promise.all(options.map((option) => Worker.create(option)));
      running = Promise.all(workers.map((worker) => worker.run()));
    },
    stopWorker: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      workers = [];
    },
    close: async () => {
      await world.stopWorker();
      await native.close();
      await connection.close();
    },
  };
  if (autoStart) await world.startWorker();
  return world;
}

function scriptedActivities(
  claws: ReadonlyMap<string, ScriptedClaw>,
  others: ReadonlyMap<OtherActivity, (input: unknown) => unknown>,
): ReturnType<typeof createActivities> {
  const run = (name: string) => (input: { readonly instanceId: string }) => {
    const claw = claws.get(input.instanceId);
    if (!claw) throw new Error(`no claw ${input.instanceId}`);
    return claw.run(name as never, input as never);
  };
  const other = (name: OtherActivity) => async (input: unknown) => others.get(name)?.(input);
  return Object.fromEntries([...activityNames.map((name) => [name, run(name)]), ...otherNames.map((name) => [name, other(name)])]) as never;
}

function instanceUnderTest(client: Client, claws: Map<string, ScriptedClaw>, timing: Partial<Timing>, id: string): InstanceUnderTest {
  const claw = new ScriptedClaw();
  claws.set(id, claw);
  const handle = client.workflow.getHandle<typeof instanceWorkflow>(instanceWorkflowId(id));
  let seq = 0;
  return {
    id,
    claw,
    handle,
    send: async (kind, more = {}) => {
      seq = more.seq ?? seq + 1;
      const command: InstanceCommand = { operationId: `op_${seq}_${kind}`, seq, kind, generation: seq, params: {}, ...more };
      const input: InstanceInput = { tenantId: 'ten_1', instanceId: id, timing };
      await client.workflow.signalWithStart<typeof instanceWorkflow, [InstanceCommand]>('instanceWorkflow', {
        workflowId: instanceWorkflowId(id),
        taskQueue: TaskQueue.core,
        args: [input],
        signal: InstanceMessage.command,
        signalArgs: [command],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowTaskTimeout: '5 seconds',
      });
      return command.operationId;
    },
    fact: (fact) => handle.signal(InstanceMessage.fact, fact),
    control: async (operationId, control) => {
      await handle.executeUpdate<{ accepted: true }, [ControlRequest]>(InstanceMessage.control, { args: [{ operationId, control, requestedBy: 'usr_1' }] });
    },
    view: () => handle.query<InstanceEntityView>(InstanceMessage.view),
  };
}
