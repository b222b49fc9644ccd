import { condition } from '@temporalio/workflow';
import type { StepInput } from '../../activities/instance/contract.ts';
import { FAILURES, type FailureView } from '../contracts/failures.ts';
import { bookkeeping } from '../lib/proxies.ts';
import { type AwaitStep, failed, judgeFact, timeoutFailure, type Verdict } from './await-rules.ts';
import type { Entity } from './entity.ts';
import { nudge, type StepResult } from './steps.ts';

type Waited = StepResult | { readonly error: FailureView; readonly retryable: boolean };

/** Waits for the runtime to report what a step asked for. Not being there yet spends no attempt; a crash, a block or the time does. */
export class FactWait {
  readonly #entity: Entity;
  readonly #input: StepInput;
  #knownBadSeq = -1;
  /** How long one attempt waits for readiness. */
  readyMs: number;
  /** What a claw may take to drain, on top of what its end and its next start take. */
  graceMs = 0;

  constructor(entity: Entity, input: StepInput) {
    this.#entity = entity;
    this.#input = input;
    this.readyMs = entity.timing.readyMs;
  }

  /** Whether the newest fact is what the step waits for. */
  isMet(step: AwaitStep): boolean {
    return this.#judge(step).kind === 'met';
  }

  async wait(step: AwaitStep, attempt: number): Promise<Waited> {
    await this.#look();
    if (attempt > 1 && !this.isMet(step)) {
      // What was bad before the runtime is asked to try again is no news about that try.
      this.#knownBadSeq = Math.max(this.#knownBadSeq, this.#entity.state.newest?.seq ?? -1);
      await nudge(this.#input);
    }
    if (attempt > 1 && (await this.#isStillBlocked(step))) return this.#fail(this.#newestFailure());
    await condition(() => this.#judge(step).kind !== 'wait', this.#limitMs(step));
    const verdict = this.#judge(step);
    if (verdict.kind === 'met') return { skipped: false, events: [] };
    if (verdict.kind === 'failed') return this.#fail(verdict);
    // A signal may have been lost with the process that was about to send it; the database has the last word.
    const { hostConnected } = await this.#look();
    const last = this.#judge(step);
    if (last.kind === 'met') return { skipped: false, events: [] };
    return last.kind === 'failed' ? this.#fail(last) : { error: timeoutFailure(step, hostConnected), retryable: true };
  }

  #judge(step: AwaitStep): Verdict {
    return judgeFact(step, this.#entity.state.newest, this.#input.generation, this.#knownBadSeq);
  }

  async #look(): Promise<{ readonly hostConnected: boolean }> {
    const { fact, hostConnected } = await bookkeeping.observeWorkload({ tenantId: this.#input.tenantId, instanceId: this.#input.instanceId });
    if (fact) this.#entity.apply({ type: 'fact-received', fact });
    return { hostConnected };
  }

  /** A runtime that tries again and is blocked for the same reason says so only once: after a short while its last word counts again. */
  async #isStillBlocked(step: AwaitStep): Promise<boolean> {
    const isBlocked = () => this.#entity.state.newest?.kind === 'blocked' && this.#entity.state.newest.seq <= this.#knownBadSeq;
    if (!isBlocked()) return false;
    await condition(() => !isBlocked() || this.#judge(step).kind !== 'wait', this.#entity.timing.recheckMs);
    return isBlocked();
  }

  #newestFailure(): Verdict & { readonly kind: 'failed' } {
    const { newest } = this.#entity.state;
    return newest ? failed(newest) : { kind: 'failed', code: 'TIMEOUT', message: FAILURES.TIMEOUT.title };
  }

  #fail({ code, message }: Verdict & { readonly kind: 'failed' }): Waited {
    this.#knownBadSeq = Math.max(this.#knownBadSeq, this.#entity.state.newest?.seq ?? -1);
    return { error: { code, message, nextStep: FAILURES[code].nextStep }, retryable: FAILURES[code].retryable };
  }

  #limitMs(step: AwaitStep): number {
    const { processMs, stoppedMs, removedMs } = this.#entity.timing;
    return {
      'await-process': processMs + this.graceMs,
      'await-ready': this.readyMs,
      'await-stopped': stoppedMs + this.graceMs,
      'await-removed': removedMs + this.graceMs,
    }[step];
  }
}
