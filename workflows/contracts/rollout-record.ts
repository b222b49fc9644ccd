import type { RolloutPhase, RolloutReason, RolloutStage } from './rollout.ts';

/** Everything a rollout carries across continue-as-new, and what its record is made from. Plain JSON; times are ISO strings. */
export interface RolloutState {
  readonly phase: RolloutPhase;
  readonly reason: RolloutReason | null;
  /** A sentence about the reason. */
  readonly message: string | null;
  /** Index of the wave it is in. */
  readonly wave: number;
  readonly stage: RolloutStage;
  /** What the approval that is asked for is about. */
  readonly asks: 'start' | 'wave';
  /** Ids of those who agreed to what is asked for now. */
  readonly approvedBy: readonly string[];
  /** Since when that is asked for. */
  readonly askedAt: string | null;
  /** Whether an instance may differ from what it was. */
  readonly touched: boolean;
  /** Batches begun. */
  readonly passes: number;
  /** Verdicts given. */
  readonly verdicts: number;
  /** Instances that have failed, and how many of those somebody has forgiven by going on. */
  readonly failed: number;
  readonly forgiven: number;
  /** End of the wait before the verdict. */
  readonly bakeUntil: string | null;
  /** Ids of the last commands, oldest first. */
  readonly seen: readonly string[];
}

/** What was seen of a wave since it was changed. Stopped instances are no part of it. */
export interface Observation {
  readonly instances: number;
  /** How many of them answer. */
  readonly ready: number;
  /** Names of some that do not. */
  readonly notReady: readonly string[];
  /** Most restarts of one of them, and its name. */
  readonly restarts: number;
  readonly restarted: string | null;
  /** Model calls through the gateway. */
  readonly requests: number;
  readonly errors: number;
  readonly p95Milliseconds: number | null;
  readonly costMicroUsd: number;
  /** What each address answered; null: it could not be reached, or said nothing that counts. */
  readonly answers: Readonly<Record<string, 'proceed' | 'hold' | 'fail' | null>>;
}
