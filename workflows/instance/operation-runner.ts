import { CancellationScope, condition } from '@temporalio/workflow';
import type { InstanceOutline, StepInput } from '../../activities/instance/contract.ts';
import { FAILURES, type FailureView } from '../contracts/failures.ts';
import type { InstanceCommand, Phase } from '../contracts/instance.ts';
import { StepName } from '../contracts/operation.ts';
import { type ActivityProblem, readActivityError } from '../lib/activity-failure.ts';
import { bookkeeping } from '../lib/proxies.ts';
import { tellEnded, traceOf, type WorkTrace, withTrace } from '../lib/telemetry.ts';
import { isAwaitStep } from './await-rules.ts';
import { controlKept } from './control-kept.ts';
import type { Entity } from './entity.ts';
import { FactWait } from './fact-wait.ts';
import { condition as conditionOf, type InstanceEvent } from './instance-machine.ts';
import { phaseAfterFailure, phaseAfterSuccess, phaseDuring, planCompensation, planOperation } from './plans.ts';
import type { Interruption, QueuedCommand } from './state.ts';
import { isSlow, runAction, type StepContext, type StepResult } from './steps.ts';
import { tellRollout } from './tell-rollout.ts';
import { backoffMs } from './timing.ts';

type StepEnd =
  | { readonly kind: 'done'; readonly skipped: boolean }
  | { readonly kind: 'failed'; readonly error: FailureView }
  | { readonly kind: 'interrupted' };
type Attempt = { readonly kind: 'done'; readonly result: StepResult } | (ActivityProblem & { readonly kind: 'failed' }) | { readonly kind: 'interrupted' };

/**
 * Carries out one operation: its steps in order, each as many times as the attempt rules allow, then its end. What has begun is
 * undone when the kind of operation asks for that. Everything visible about it goes through the entity's events.
 */
export class OperationRunner {
  readonly #entity: Entity;
  readonly #command: InstanceCommand;
  readonly #outline: InstanceOutline;
  readonly #input: StepInput;
  readonly #facts: FactWait;
  #scope: CancellationScope | null = null;

  constructor(entity: Entity, command: InstanceCommand, outline: InstanceOutline, generation: number) {
    this.#entity = entity;
    this.#command = command;
    this.#outline = outline;
    this.#input = { ...entity.identity, operationId: command.operationId, generation };
    this.#facts = new FactWait(entity, this.#input);
  }

  /** Told by the message handlers that the operation was interrupted: stops the wait or the activity under way. */
  interrupt(): void {
    this.#scope?.cancel();
  }

  async run(): Promise<void> {
    const { kind } = this.#command;
    this.#entity.apply({
      type: 'operation-planned',
      steps: planOperation(kind, this.#outline),
      maxAttempts: this.#maxAttempts,
      at: this.#entity.now(),
    });
    const end = await this.#runPending();
    if (end.kind === 'done') this.#end('succeeded', null, phaseAfterSuccess(kind, this.#operation.priorPhase, this.#entity.state.workload), null);
    else await this.#endBadly(end.kind === 'failed' ? end.error : null);
    await this.#entity.record();
  }

  get #maxAttempts(): number {
    return this.#command.params.rollout?.maxAttempts ?? this.#entity.timing.maxAttempts;
  }

  /** A rollout judges soon: a claw that did not take its settings in all the time that one confirmation waits does not get that time again. */
  #attemptsOf(name: StepName): number {
    return this.#command.params.rollout && name === StepName.verifyConfig ? 1 : this.#maxAttempts;
  }

  get #operation() {
    const { operation } = this.#entity.state;
    if (operation === null) throw new Error('no operation runs');
    return operation;
  }

  get #interruption(): Interruption | null {
    return this.#operation.interruption;
  }

  /** Runs what is pending, in order; a step with nothing to undo makes the wait after it needless. */
  async #runPending(): Promise<StepEnd> {
    let nothingToAwait = false;
    for (;;) {
      const step = this.#operation.steps.find((candidate) => candidate.state === 'pending');
      if (step === undefined) return { kind: 'done', skipped: false };
      if (nothingToAwait && isAwaitStep(step.name)) {
        this.#endStep(step.name, 'skipped', null);
        nothingToAwait = false;
        continue;
      }
      const end = await this.#runStep(step.name);
      if (end.kind !== 'done') return end;
      nothingToAwait = end.skipped && SKIPS_ITS_WAIT.has(step.name);
    }
  }

  async #runStep(name: StepName): Promise<StepEnd> {
    for (let attempt = 1; ; attempt += 1) {
      this.#entity.apply({ type: 'step-began', name, attempt, at: this.#entity.now() });
      if (attempt > 1 || isSlow(name, this.#outline)) await this.#entity.record();
      const outcome = await this.#attempt(name, attempt);
      if (outcome.kind === 'interrupted') {
        this.#endStep(name, 'cancelled', null);
        return outcome;
      }
      if (outcome.kind === 'done') {
        for (const event of outcome.result.events) this.#entity.apply(event);
        this.#endStep(name, outcome.result.skipped ? 'skipped' : 'succeeded', null);
        return { kind: 'done', skipped: outcome.result.skipped };
      }
      if (!outcome.retryable || attempt >= this.#attemptsOf(name)) {
        this.#endStep(name, 'failed', outcome.error);
        return { kind: 'failed', error: outcome.error };
      }
      await this.#waitForNextAttempt(name, outcome.error, backoffMs(this.#entity.timing, attempt));
      if (this.#interruption !== null && !this.#ignoresInterruption()) {
        this.#endStep(name, 'cancelled', outcome.error);
        return { kind: 'interrupted' };
      }
    }
  }

  /** One attempt; the loss of a worker repeats it without counting. */
  async #attempt(name: StepName, attempt: number): Promise<Attempt> {
    for (;;) {
      if (this.#interruption !== null && !this.#ignoresInterruption()) return { kind: 'interrupted' };
      const outcome = await this.#once(name, attempt);
      if (outcome.kind !== 'lost') return outcome;
    }
  }

  async #once(name: StepName, attempt: number): Promise<Attempt | { readonly kind: 'lost' }> {
    const scope = new CancellationScope();
    this.#scope = scope;
    try {
      const result = await scope.run(() => (isAwaitStep(name) ? this.#facts.wait(name, attempt) : this.#runAction(name)));
      if ('error' in result) return { kind: 'failed', ...result };
      return { kind: 'done', result };
    } catch (error) {
      if (this.#interruption !== null && !this.#ignoresInterruption()) return { kind: 'interrupted' };
      return readActivityError(error);
    } finally {
      this.#scope = null;
    }
  }

  async #runAction(name: StepName): Promise<StepResult> {
    const context: StepContext = {
      input: this.#input,
      command: this.#command,
      outline: this.#outline,
      compensating: this.#operation.compensating,
      now: () => this.#entity.now(),
    };
    // An effect on the database that has begun is awaited: cancelling it would leave open whether it happened.
    const result = await (isSlow(name, this.#outline) ? runAction(name, context) : CancellationScope.nonCancellable(() => runAction(name, context)));
    if (result.graceSeconds) this.#facts.graceMs = result.graceSeconds * 1000;
    if (result.readyWithinSeconds) this.#facts.readyMs = result.readyWithinSeconds * 1000;
    return result;
  }

  async #waitForNextAttempt(name: StepName, error: FailureView, waitMs: number): Promise<void> {
    const nextAttemptAt = new Date(Date.now() + waitMs).toISOString();
    this.#entity.apply({ type: 'step-waits', name, error, nextAttemptAt });
    await this.#entity.record();
    const isOver = () =>
      this.#operation.retryNow || (this.#interruption !== null && !this.#ignoresInterruption()) || (isAwaitStep(name) && this.#facts.isMet(name));
    await condition(isOver, waitMs);
  }

  /** A compensation goes on after the cancel that asked for it; only a later operation takes its place. */
  #ignoresInterruption(): boolean {
    return this.#operation.compensating && this.#interruption?.by !== 'preempted';
  }

  async #endBadly(error: FailureView | null): Promise<void> {
    const { kind } = this.#command;
    const cause = this.#interruption?.by ?? 'failed';
    if (cause === 'preempted') return this.#endPreempted();
    if (cause !== 'failed') await controlKept();
    const view =
      cause === 'failed'
        ? (error ?? plain('INTERNAL'))
        : cause === 'cancel'
          ? plain('CANCELLED')
          : { ...plain('GAVE_UP'), message: this.#lastError()?.message ?? plain('GAVE_UP').message };
    const compensation = planCompensation(kind);
    if (compensation.length > 0) {
      this.#entity.apply({ type: 'compensation-planned', steps: compensation, maxAttempts: this.#maxAttempts });
      await this.#entity.record();
      await this.#runPending();
      if (this.#interruption?.by === 'preempted') return this.#endPreempted();
    }
    this.#noteBadConfig(view);
    const { phase, settlesOn } = phaseAfterFailure(kind, cause, this.#operation);
    this.#end(cause === 'cancel' ? 'cancelled' : 'failed', view, phase, settlesOn);
  }

  /** The operation that took over decides the phase; until it begins the present one stays. */
  #endPreempted(): void {
    this.#end('cancelled', plain('PREEMPTED'), this.#entity.state.phase, null);
  }

  #lastError(): FailureView | null {
    return this.#operation.steps.findLast((step) => step.error !== null)?.error ?? null;
  }

  #noteBadConfig(error: FailureView): void {
    if (error.code !== 'INVALID_CONFIG' && error.code !== 'CONFIG_NOT_APPLIED') return;
    this.#entity.apply({ type: 'condition-changed', condition: conditionOf('ConfigApplied', 'False', error.code, error.message, this.#entity.now()) });
  }

  #endStep(name: StepName, state: Extract<InstanceEvent, { type: 'step-ended' }>['state'], error: FailureView | null): void {
    this.#entity.apply({ type: 'step-ended', name, state, error, at: this.#entity.now() });
  }

  #end(state: 'succeeded' | 'failed' | 'cancelled', error: FailureView | null, phase: Phase, settlesOn: 'ready' | 'stopped' | null): void {
    this.#entity.apply({ type: 'operation-ended', state, error, phase, settlesOn, at: this.#entity.now() });
  }
}

const SKIPS_ITS_WAIT: ReadonlySet<StepName> = new Set([StepName.stopWorkload, StepName.killWorkload, StepName.destroyWorkload]);

function plain(code: FailureView['code']): FailureView {
  return { code, message: FAILURES[code].title, nextStep: FAILURES[code].nextStep };
}

/** Begins and carries out a command that is legal now; answers the runner at once through `onRunner`, so that messages can reach it. */
export function performOperation(entity: Entity, command: QueuedCommand, onRunner: (runner: OperationRunner | null) => void): Promise<void> {
  const trace = traceOf(command.traceparent);
  return withTrace(trace, () => perform(entity, command, onRunner, trace));
}

async function perform(entity: Entity, command: QueuedCommand, onRunner: (runner: OperationRunner | null) => void, trace: WorkTrace | null): Promise<void> {
  // The breaker may have taken a later generation than this command was given; what a runtime is told must always grow.
  const isOvertaken = command.generation <= entity.state.workload.generation;
  const generation = isOvertaken ? await bookkeeping.nextGeneration(entity.identity) : command.generation;
  entity.apply({ type: 'operation-began', command, generation, phase: phaseDuring(command.kind), at: entity.now() });
  await entity.record();
  const outline = await bookkeeping.outlineInstance({ ...entity.identity, operationId: command.operationId, generation });
  const runner = new OperationRunner(entity, command, outline, generation);
  onRunner(runner);
  await runner.run();
  onRunner(null);
  tellOperation(entity, trace);
  entity.label(outline.type);
  entity.apply({ type: 'operation-closed' });
  await tellRollout(command, entity.identity.instanceId);
}

function tellOperation({ state: { operation } }: Entity, trace: WorkTrace | null): void {
  if (!operation) return;
  const { command, state, error, startedAt, finishedAt } = operation;
  const result = state === 'succeeded' || state === 'cancelled' ? state : 'failed';
  tellEnded(trace, { kind: command.kind, subject: command.operationId, result, code: error?.code ?? null, startedAt, endedAt: finishedAt ?? startedAt });
}
