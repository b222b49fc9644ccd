import type { InstanceOutline, StepInput, StepOutcome } from '../../activities/instance/contract.ts';
import type { Condition, InstanceCommand } from '../contracts/instance.ts';
import { OperationKind, StepName } from '../contracts/operation.ts';
import { bookkeeping, installSteps, quickSteps, runtimeSteps } from '../lib/proxies.ts';
import { type AwaitStep, isAwaitStep } from './await-rules.ts';
import { condition, type InstanceEvent } from './instance-machine.ts';

/** What a step is done with. */
export interface StepContext {
  readonly input: StepInput;
  readonly command: InstanceCommand;
  readonly outline: InstanceOutline;
  readonly compensating: boolean;
  readonly now: () => string;
}

/** What a step did: events for the entity's state, and how long the claw may take to drain and to become ready, where it was told to. */
export interface StepResult {
  readonly skipped: boolean;
  readonly graceSeconds?: number;
  readonly events: readonly InstanceEvent[];
  readonly readyWithinSeconds?: number | null;
}

type ActionStep = Exclude<StepName, AwaitStep>;
type Action = (context: StepContext) => Promise<StepResult>;

const done = ({ skipped, graceSeconds }: StepOutcome, ...events: readonly InstanceEvent[]): StepResult => ({ skipped, graceSeconds, events });

function changed(context: StepContext, type: Condition['type'], status: Condition['status'], reason: string, message: string): InstanceEvent {
  return { type: 'condition-changed', condition: condition(type, status, reason, message, context.now()) };
}

function told(context: StepContext, wanted: 'stopped' | 'removed'): InstanceEvent {
  return { type: 'workload-told', generation: context.input.generation, wanted, applied: null };
}

const ACTIONS: Readonly<Record<ActionStep, Action>> = {
  reserve: async (context) => done(await quickSteps.reserveSlot(context.input), changed(context, 'Scheduled', 'True', 'Reserved', 'A host has room for it.')),
  'issue-model-key': async (context) => done(await quickSteps.issueModelKey({ ...context.input, rotate: context.command.kind === OperationKind.rotateKey })),
  'prepare-runtime': async (context) => done(await installSteps.prepareRuntime(context.input)),
  'render-config': async (context) => done(await (context.outline.checksConfig ? runtimeSteps : quickSteps).renderConfig(context.input)),
  'apply-workload': applyWorkload,
  'verify-config': async (context) =>
    done(
      await runtimeSteps.verifyConfig(context.input),
      changed(context, 'ConfigApplied', 'True', 'Confirmed', 'The claw says that it runs this configuration.'),
    ),
  'deliver-model-key': async (context) => done(await (context.outline.keyDelivery === 'dial' ? runtimeSteps : quickSteps).deliverModelKey(context.input)),
  'probe-model': probeModel,
  'stop-workload': async (context) => done(await quickSteps.stopWorkload(context.input), told(context, 'stopped')),
  'kill-workload': async (context) => done(await quickSteps.killWorkload(context.input), told(context, 'stopped')),
  'destroy-workload': async (context) =>
    done(
      await quickSteps.destroyWorkload({ ...context.input, retention: context.compensating ? 'retain' : (context.command.params.retention ?? 'retain') }),
      told(context, 'removed'),
    ),
  'revoke-model-keys': async (context) => done(await quickSteps.revokeModelKeys(context.input)),
  release: async (context) => done(await quickSteps.releaseInstance({ ...context.input, forget: !context.compensating })),
};

async function applyWorkload(context: StepContext): Promise<StepResult> {
  const restart = context.command.kind === OperationKind.restart || context.command.kind === OperationKind.rotateKey;
  const { version, configHash, readyWithinSeconds, graceSeconds } = await quickSteps.applyWorkload({ ...context.input, restart });
  const events: InstanceEvent[] = [{ type: 'workload-told', generation: context.input.generation, wanted: 'running', applied: { version, configHash } }];
  if (!context.outline.confirmsConfig) events.push(changed(context, 'ConfigApplied', 'True', 'Applied', 'The runtime was given this configuration.'));
  return { skipped: false, events, graceSeconds, readyWithinSeconds };
}

/** Advisory: a model that does not answer is a condition of the instance, not a failure of the operation. */
async function probeModel(context: StepContext): Promise<StepResult> {
  const { skipped, ok, reason, message } = await runtimeSteps.probeModel(context.input);
  return skipped ? done({ skipped }) : done({ skipped }, changed(context, 'ModelReady', ok ? 'True' : 'False', reason, message));
}

/** Runs one step that is an action. Rejects with what its activity rejected with. */
export function runAction(name: StepName, context: StepContext): Promise<StepResult> {
  if (isAwaitStep(name)) throw new Error(`${name} is no action`);
  return ACTIONS[name](context);
}

/** Tells the runtime again what a waiting step waits for, so that a repaired cause is tried at once. */
export async function nudge({ tenantId, instanceId }: StepInput): Promise<void> {
  await bookkeeping.repeatWorkload({ tenantId, instanceId });
}

/** Steps whose beginning is worth showing: they take seconds or longer. */
export function isSlow(name: StepName, outline: InstanceOutline): boolean {
  if (isAwaitStep(name) || name === StepName.prepareRuntime || name === StepName.verifyConfig || name === StepName.probeModel) return true;
  return (name === StepName.renderConfig && outline.checksConfig) || (name === StepName.deliverModelKey && outline.keyDelivery === 'dial');
}
