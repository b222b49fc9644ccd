import { condition, setCurrentDetails } from '@temporalio/workflow';
import type { LoadedRollout } from '../../activities/rollout/contract.ts';
import type { RolloutRef, Verdict } from '../contracts/rollout.ts';
import type { RolloutState } from '../contracts/rollout-record.ts';
import { rolloutRecords } from '../lib/proxies.ts';
import { type RolloutEvent, reduce } from './rollout-machine.ts';
import { newRollout } from './state.ts';

/** The one mutable cell of a rollout's workflow: its state, changed only by events, and how it is shown. */
export class Rollout {
  readonly ref: RolloutRef;
  readonly plan: LoadedRollout['plan'];
  readonly total: number;
  #state: RolloutState;
  #shown: RolloutState;

  constructor({ tenantId, rolloutId }: RolloutRef, { plan, total, state }: LoadedRollout) {
    this.ref = { tenantId, rolloutId };
    this.plan = plan;
    this.total = total;
    this.#state = state ?? newRollout();
    this.#shown = this.#state;
  }

  get state(): RolloutState {
    return this.#state;
  }

  /** The time of the workflow, the same on every replay. */
  now(): string {
    return new Date().toISOString();
  }

  apply(event: RolloutEvent): void {
    this.#state = reduce(this.plan, this.total, this.#state, event);
  }

  /** Whether something has happened that is not written down yet. */
  get changed(): boolean {
    return this.#state !== this.#shown;
  }

  /** Writes what has changed. Returns once the database has it, however long that takes. */
  async record(verdict: { readonly seq: number; readonly wave: number; readonly verdict: Verdict } | null = null): Promise<void> {
    if (!this.changed && verdict === null) return;
    this.#shown = this.#state;
    const { phase, reason, wave, stage } = this.#state;
    setCurrentDetails(`**${phase}**${reason ? ` (${reason})` : ''}\n- wave ${wave + 1} of ${this.plan.waves.length}: ${stage}`);
    await rolloutRecords.recordRollout({ ...this.ref, state: this.#shown, verdict });
  }

  /** Waits until `isOver`, at most `limitMs`, and writes down what happens meanwhile. False when the time is over. */
  async wait(isOver: () => boolean, limitMs: number | null): Promise<boolean> {
    const until = limitMs === null ? null : Date.now() + limitMs;
    for (;;) {
      const isAwake = () => isOver() || this.changed;
      const came = until === null ? await condition(isAwake).then(() => true) : await condition(isAwake, Math.max(1, until - Date.now()));
      await this.record();
      if (isOver()) return true;
      if (!came) return false;
    }
  }
}
