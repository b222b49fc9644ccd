import type { ChangeOutcome, Direction, RolloutPlan, RolloutRef, TargetRef, TargetState, Verdict } from '../../workflows/contracts/rollout.ts';
import type { Observation, RolloutState } from '../../workflows/contracts/rollout-record.ts';

/** What a rollout's workflow begins with. `state` is null before it has begun for the first time. */
export interface LoadedRollout {
  readonly plan: RolloutPlan;
  readonly total: number;
  readonly state: RolloutState | null;
}

/** What people are shown. A verdict belongs to the wave that it was given for; `seq` tells it from a repeated write. */
export interface RolloutRecord extends RolloutRef {
  readonly state: RolloutState;
  readonly verdict: { readonly seq: number; readonly wave: number; readonly verdict: Verdict } | null;
}

/** Targets that are to be worked on together, all of one wave; `targets` is empty when none is left. */
export interface Batch {
  readonly wave: number;
  readonly targets: readonly string[];
  /** Of the whole rollout. */
  readonly failed: number;
  readonly stuck: number;
}

export interface RolloutActivities {
  loadRollout(ref: RolloutRef): Promise<LoadedRollout>;
  /** Writes what the rollout is doing, the events that tell of it and a verdict, in one transaction. Repeatable. */
  recordRollout(record: RolloutRecord): Promise<void>;
  /** The next targets: forward those of `wave` that wait, back those that were touched, newest wave first. At most 200. */
  nextBatch(input: RolloutRef & { readonly direction: Direction; readonly wave: number }): Promise<Batch>;
  /** Asks for the change of one instance, or for what it was before. */
  changeTarget(target: TargetRef): Promise<ChangeOutcome>;
  /** Writes how the change of a target ended. `waited`: nothing came in time, and what has not ended by now has failed. */
  settleTarget(target: TargetRef & { readonly operationId: string | null; readonly waited: boolean }): Promise<{ readonly state: TargetState }>;
  /** What is known of a wave since it was changed. */
  observeWave(input: RolloutRef & { readonly wave: number }): Promise<Observation>;
}
