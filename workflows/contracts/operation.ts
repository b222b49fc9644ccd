import type { FailureView } from './failures.ts';

export const OperationKind = {
  create: 'create',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  kill: 'kill',
  update: 'update',
  rotateKey: 'rotate-key',
  retry: 'retry',
  destroy: 'destroy',
} as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

export const OperationState = {
  pending: 'pending',
  running: 'running',
  retrying: 'retrying',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;
export type OperationState = (typeof OperationState)[keyof typeof OperationState];

export const ENDED_STATES: readonly OperationState[] = ['succeeded', 'failed', 'cancelled'];

export type StepState = OperationState | 'skipped';

/** Names of steps as people see them; the order for each kind is in workflows/instance. */
export const StepName = {
  reserve: 'reserve',
  issueModelKey: 'issue-model-key',
  prepareRuntime: 'prepare-runtime',
  renderConfig: 'render-config',
  applyWorkload: 'apply-workload',
  awaitProcess: 'await-process',
  awaitReady: 'await-ready',
  verifyConfig: 'verify-config',
  deliverModelKey: 'deliver-model-key',
  probeModel: 'probe-model',
  stopWorkload: 'stop-workload',
  killWorkload: 'kill-workload',
  awaitStopped: 'await-stopped',
  revokeModelKeys: 'revoke-model-keys',
  destroyWorkload: 'destroy-workload',
  awaitRemoved: 'await-removed',
  release: 'release',
} as const;
export type StepName = (typeof StepName)[keyof typeof StepName];

export interface OperationStep {
  readonly name: StepName;
  readonly state: StepState;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly nextAttemptAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: FailureView | null;
}

export const OperationControl = { retryNow: 'retry-now', giveUp: 'give-up', cancel: 'cancel' } as const;
export type OperationControl = (typeof OperationControl)[keyof typeof OperationControl];

/** The operation as people see it; the id of the tenant is the request's context and not part of it. */
export interface OperationView {
  readonly id: string;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly target: { readonly kind: 'instance'; readonly id: string; readonly name: string };
  readonly state: OperationState;
  readonly requestedBy: string;
  readonly requestId: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly steps: readonly OperationStep[];
  readonly error: FailureView | null;
  readonly allowed: readonly OperationControl[];
}

/** Destroy keeps the data folder of the claw, or wipes it. */
export const Retention = { retain: 'retain', wipe: 'wipe' } as const;
export type Retention = (typeof Retention)[keyof typeof Retention];
