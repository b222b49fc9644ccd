import type { InstanceOutline } from '../../activities/instance/contract.ts';
import type { Phase } from '../contracts/instance.ts';
import { OperationKind, StepName } from '../contracts/operation.ts';
import type { InstanceState } from './state.ts';

export interface PlannedStep {
  readonly name: StepName;
  readonly skip: boolean;
}

const BRING_UP: readonly StepName[] = [
  StepName.reserve,
  StepName.issueModelKey,
  StepName.prepareRuntime,
  StepName.renderConfig,
  StepName.applyWorkload,
  StepName.awaitProcess,
  StepName.awaitReady,
  StepName.verifyConfig,
  StepName.deliverModelKey,
  StepName.probeModel,
];

const PLANS: Readonly<Record<OperationKind, readonly StepName[]>> = {
  create: BRING_UP,
  retry: BRING_UP,
  start: BRING_UP,
  restart: [StepName.applyWorkload, StepName.awaitProcess, StepName.awaitReady, StepName.verifyConfig, StepName.deliverModelKey, StepName.probeModel],
  update: [
    StepName.reserve,
    StepName.renderConfig,
    StepName.applyWorkload,
    StepName.awaitProcess,
    StepName.awaitReady,
    StepName.verifyConfig,
    StepName.deliverModelKey,
    StepName.probeModel,
  ],
  'rotate-key': [StepName.issueModelKey, StepName.applyWorkload, StepName.awaitProcess, StepName.awaitReady, StepName.deliverModelKey, StepName.probeModel],
  stop: [StepName.stopWorkload, StepName.awaitStopped],
  kill: [StepName.killWorkload, StepName.awaitStopped],
  destroy: [StepName.revokeModelKeys, StepName.destroyWorkload, StepName.awaitRemoved, StepName.release],
};

const NEEDS_WORKLOAD: ReadonlySet<StepName> = new Set([
  StepName.stopWorkload,
  StepName.killWorkload,
  StepName.awaitStopped,
  StepName.destroyWorkload,
  StepName.awaitRemoved,
]);
const TOUCHES_RUNNING: ReadonlySet<StepName> = new Set([
  StepName.applyWorkload,
  StepName.awaitProcess,
  StepName.awaitReady,
  StepName.verifyConfig,
  StepName.deliverModelKey,
  StepName.probeModel,
]);
const GIVES_KEY: ReadonlySet<StepName> = new Set([StepName.deliverModelKey, StepName.probeModel]);
const RESTARTS_CLAW: ReadonlySet<StepName> = new Set([StepName.applyWorkload, StepName.awaitProcess, StepName.awaitReady]);

/** The steps of an operation in order; those with nothing to do are marked. */
export function planOperation(kind: OperationKind, outline: InstanceOutline): readonly PlannedStep[] {
  return PLANS[kind].map((name) => ({ name, skip: hasNothingToDo(kind, name, outline) }));
}

function hasNothingToDo(kind: OperationKind, name: StepName, outline: InstanceOutline): boolean {
  if (NEEDS_WORKLOAD.has(name) && (outline.workload === null || (outline.workload === 'removed' && kind !== OperationKind.destroy))) return true;
  if (name === StepName.prepareRuntime && !outline.needsRuntime) return true;
  if (name === StepName.verifyConfig && !outline.confirmsConfig) return true;
  if (outline.keyDelivery === 'none' && (name === StepName.issueModelKey || name === StepName.deliverModelKey || name === StepName.probeModel)) return true;
  // A key that the claw has and that a model has answered to is nobody's business any more, until it is rotated.
  if (outline.key === 'settled' && kind !== OperationKind.rotateKey && GIVES_KEY.has(name)) return true;
  const runs = outline.workload === 'running';
  if (kind === OperationKind.update) {
    if (!outline.changed) return true;
    return !runs && TOUCHES_RUNNING.has(name);
  }
  if (kind === OperationKind.rotateKey) {
    if (!runs && TOUCHES_RUNNING.has(name)) return true;
    return RESTARTS_CLAW.has(name) && outline.keyDelivery !== 'env';
  }
  return false;
}

/**
 * Steps that undo what an operation has begun. They do not depend on what it is known to have done: a worker that was lost in the middle
 * of a task may have told the runtime without anybody's knowing.
 */
export function planCompensation(kind: OperationKind): readonly StepName[] {
  if (kind === OperationKind.create || kind === OperationKind.retry)
    return [StepName.revokeModelKeys, StepName.destroyWorkload, StepName.awaitRemoved, StepName.release];
  if (kind === OperationKind.start) return [StepName.stopWorkload];
  return [];
}

/** Phase shown while an operation of this kind runs. */
export function phaseDuring(kind: OperationKind): Phase {
  return DURING[kind];
}

const DURING: Readonly<Record<OperationKind, Phase>> = {
  create: 'Creating',
  retry: 'Creating',
  start: 'Starting',
  restart: 'Starting',
  update: 'Updating',
  'rotate-key': 'Updating',
  stop: 'Stopping',
  kill: 'Stopping',
  destroy: 'Destroying',
};

/** Phase after an operation succeeded. */
export function phaseAfterSuccess(kind: OperationKind, priorPhase: Phase, workload: InstanceState['workload']): Phase {
  if (kind === OperationKind.destroy) return 'Destroyed';
  if (kind === OperationKind.stop || kind === OperationKind.kill) return 'Stopped';
  if (kind === OperationKind.update || kind === OperationKind.rotateKey) return workload.wanted === 'running' ? 'Running' : priorPhase;
  return 'Running';
}

/** Phase, and the fact that settles it later, after an operation ended without success. */
export function phaseAfterFailure(
  kind: OperationKind,
  cause: 'failed' | 'cancel' | 'give-up',
  { priorPhase, applied }: { readonly priorPhase: Phase; readonly applied: boolean },
): { readonly phase: Phase; readonly settlesOn: 'ready' | 'stopped' | null } {
  switch (kind) {
    case OperationKind.create:
    case OperationKind.retry:
    case OperationKind.destroy:
      return { phase: 'Failed', settlesOn: null };
    case OperationKind.start:
      return { phase: cause === 'cancel' ? 'Stopped' : 'Failed', settlesOn: null };
    case OperationKind.stop:
    case OperationKind.kill:
      return { phase: 'Failed', settlesOn: 'stopped' };
    default:
      if (!applied || cause !== 'failed') return { phase: priorPhase, settlesOn: null };
      return { phase: 'Failed', settlesOn: 'ready' };
  }
}
