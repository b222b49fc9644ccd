import type { ConfigOverride } from './instance.ts';

export const RolloutPhase = {
  awaitingApproval: 'AwaitingApproval',
  progressing: 'Progressing',
  paused: 'Paused',
  rollingBack: 'RollingBack',
  succeeded: 'Succeeded',
  rolledBack: 'RolledBack',
  aborted: 'Aborted',
  failed: 'Failed',
} as const;
export type RolloutPhase = (typeof RolloutPhase)[keyof typeof RolloutPhase];

/** Phases in which nothing happens any more by itself. A rollback may be asked for from each of them that touched an instance. */
export const ENDED_PHASES: readonly RolloutPhase[] = ['Succeeded', 'RolledBack', 'Aborted', 'Failed'];

/** Why a rollout stands still, or how it ended where the phase does not say. */
export const RolloutReason = {
  byPerson: 'BY_PERSON',
  gateHeld: 'GATE_HELD',
  budgetSpent: 'BUDGET_SPENT',
  approvalExpired: 'APPROVAL_EXPIRED',
  rejected: 'REJECTED',
} as const;
export type RolloutReason = (typeof RolloutReason)[keyof typeof RolloutReason];

/** The one change that a rollout carries to many instances. */
export type RolloutChange =
  /** Moves the pin of this config to this version; instances that do not run on the config are no targets. */
  | { readonly kind: 'config'; readonly config: string; readonly version: number }
  | { readonly kind: 'overrides'; readonly set: readonly ConfigOverride[]; readonly unset: readonly string[] }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'restart' };

/** Targets of a wave: so many more, or so many percent of all targets counting the waves before. */
export type WaveSize = { readonly count: number } | { readonly percent: number };

export const ApprovalTimeout = { hold: 'hold', abort: 'abort', rollback: 'rollback' } as const;
export type ApprovalTimeout = (typeof ApprovalTimeout)[keyof typeof ApprovalTimeout];

/** Who must agree before it goes on. The author of a rollout never counts. */
export interface ApprovalRule {
  readonly count: number;
  /** Roles in the tenant whose holders may agree. */
  readonly roles: readonly string[];
  /** Null: it waits for as long as it takes. */
  readonly deadlineSeconds: number | null;
  readonly onTimeout: ApprovalTimeout;
}

/** What a gate looks at. A check on traffic holds until there were at least `minRequests` calls. */
export type GateCheck =
  /** All of the wave that should run answer. */
  | { readonly kind: 'ready' }
  /** Restarts of one instance since it was changed. */
  | { readonly kind: 'restarts'; readonly max: number }
  | { readonly kind: 'modelErrorRate'; readonly maxRatio: number; readonly minRequests: number }
  | { readonly kind: 'modelLatency'; readonly p95Milliseconds: number; readonly minRequests: number }
  | { readonly kind: 'modelCost'; readonly maxMicroUsd: number; readonly minRequests: number }
  /** The address answers 2xx with JSON `{ "verdict": "proceed" | "hold" | "fail" }`. */
  | { readonly kind: 'http'; readonly url: string };

export interface Gate {
  /** Wait between the last change of the wave and the verdict. */
  readonly bakeSeconds: number;
  readonly checks: readonly GateCheck[];
}

export interface WavePlan {
  readonly name: string;
  readonly size: WaveSize;
  readonly maxParallel: number;
  /** Asked for before the wave begins. */
  readonly approval: ApprovalRule | null;
  readonly gate: Gate | null;
}

export const BudgetAction = { pause: 'pause', rollback: 'rollback' } as const;
export type BudgetAction = (typeof BudgetAction)[keyof typeof BudgetAction];

/** How many instances may fail before the rollout stops, and what it does then; the same action answers a gate that fails. */
export interface FailureBudget {
  readonly size: WaveSize;
  readonly action: BudgetAction;
}

export interface RolloutPlan {
  readonly approvalBeforeStart: ApprovalRule | null;
  readonly waves: readonly WavePlan[];
  readonly failureBudget: FailureBudget;
  /** How long one instance may take to be ready with the change. */
  readonly readyWithinSeconds: number;
}

export const TargetState = {
  pending: 'pending',
  applying: 'applying',
  applied: 'applied',
  /** It is stopped: it has the change from its next start on, and no gate looks at it. */
  deferred: 'deferred',
  failed: 'failed',
  /** It was destroyed meanwhile, or has nothing to change. */
  skipped: 'skipped',
  rollingBack: 'rolling-back',
  rolledBack: 'rolled-back',
  /** It could not be rolled back. */
  stuck: 'stuck',
} as const;
export type TargetState = (typeof TargetState)[keyof typeof TargetState];

/** Targets whose instance may differ from what it was before the rollout. */
export const TOUCHED_STATES: readonly TargetState[] = ['applying', 'applied', 'deferred', 'failed', 'rolling-back', 'stuck'];

/** What a check found: `unknown` is too little data or an address that does not answer, and holds. */
export type CheckResult = 'passed' | 'failed' | 'unknown';

export interface CheckVerdict {
  readonly check: GateCheck;
  readonly result: CheckResult;
  /** What was measured, with its number. */
  readonly message: string;
  readonly value: number | null;
}

export interface Verdict {
  readonly decision: 'proceed' | 'hold' | 'fail';
  readonly checks: readonly CheckVerdict[];
}

/** What a person may do with a rollout. */
export const RolloutControl = {
  approve: 'approve',
  reject: 'reject',
  pause: 'pause',
  resume: 'resume',
  promote: 'promote',
  abort: 'abort',
  rollback: 'rollback',
  retry: 'retry',
} as const;
export type RolloutControl = (typeof RolloutControl)[keyof typeof RolloutControl];

/** The part of a wave that a rollout is in. */
export const RolloutStage = { approval: 'approval', apply: 'apply', bake: 'bake', gate: 'gate' } as const;
export type RolloutStage = (typeof RolloutStage)[keyof typeof RolloutStage];

/** What of a rollout decides which controls are possible. */
export interface RolloutSituation {
  readonly phase: RolloutPhase;
  readonly reason: RolloutReason | null;
  readonly stage: RolloutStage;
  readonly touched: boolean;
}

/** One table for the API (409 with what is allowed), the workflow and the portal. */
export function allowedControls({ phase, reason, stage, touched }: RolloutSituation): readonly RolloutControl[] {
  const back = touched ? [RolloutControl.rollback] : [];
  switch (phase) {
    case 'AwaitingApproval':
      return ['approve', 'reject', 'abort', ...back];
    case 'Progressing':
      return ['pause', ...(stage === 'bake' || stage === 'gate' ? [RolloutControl.promote] : []), 'abort', ...back];
    case 'Paused':
      return [
        'resume',
        ...(reason === 'GATE_HELD' ? [RolloutControl.promote] : []),
        ...(touched && stage !== 'approval' ? [RolloutControl.retry] : []),
        'abort',
        ...back,
      ];
    case 'Succeeded':
    case 'Aborted':
    case 'Failed':
      return back;
    case 'RollingBack':
    case 'RolledBack':
      return [];
  }
}

/** What the relay signals to a rollout's workflow. At least once: a command whose id was seen says nothing new. */
export interface RolloutCommand {
  /** `rlc_…` */
  readonly commandId: string;
  readonly control: RolloutControl | 'start';
  readonly by: string;
  /** Of a decision: what was asked when it was made, `start` or the number of a wave. It counts for nothing else. */
  readonly subject?: string;
}

/** A command in the outbox. */
export interface RolloutOrder extends RolloutCommand {
  readonly rolloutId: string;
  readonly tenantId: string;
}

export interface RolloutRef {
  readonly tenantId: string;
  readonly rolloutId: string;
}

/** With the change, or to what was before it. */
export type Direction = 'forward' | 'back';

export interface TargetRef extends RolloutRef {
  readonly instanceId: string;
  readonly direction: Direction;
  /** Workflow id of the batch. One batch changes a target once, however often it is asked for. */
  readonly batchId: string;
}

/** `busy`: something else is under way there; ask again later. `settled`: there is nothing to wait for. */
export type ChangeOutcome =
  | { readonly kind: 'accepted'; readonly operationId: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'settled'; readonly state: TargetState };

/** What an entity tells the batch that its instance belongs to, when the operation has ended. */
export interface TargetEnd {
  readonly instanceId: string;
  readonly operationId: string;
}

/** Names of the message handlers. */
export const RolloutMessage = { command: 'command' } as const;
export const RolloutBatchMessage = { ended: 'ended', halt: 'halt' } as const;

/** Most targets of one batch. */
export const BATCH_TARGETS = 200;
