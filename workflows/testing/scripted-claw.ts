import { ApplicationFailure } from '@temporalio/common';
import type { AppliedOutcome, InstanceActivities, InstanceOutline, ProbeOutcome, StepInput } from '../../activities/instance/contract.ts';
import type { OperationRecord, RecordActivities, RecordInput } from '../../activities/record/contract.ts';
import type { FailureCode } from '../contracts/failures.ts';
import type { InstanceFact } from '../contracts/instance.ts';
import { ENDED_STATES, type OperationState, type StepName } from '../contracts/operation.ts';

type AllActivities = InstanceActivities & RecordActivities;
type Scripts = {
  [Name in keyof AllActivities]?: (
    input: Parameters<AllActivities[Name]>[0],
    call: number,
  ) => Promise<Awaited<ReturnType<AllActivities[Name]>>> | Awaited<ReturnType<AllActivities[Name]>>;
};

/** A claw without packages, confirmation and native check: the shortest real plan. */
export const PLAIN: InstanceOutline = {
  type: 'plain',
  key: 'none',
  keyDelivery: 'none',
  confirmsConfig: false,
  checksConfig: false,
  needsRuntime: false,
  changed: true,
  workload: null,
};

/**
 * The outside of one instance as its workflow meets it: activities that succeed unless a test scripts them, a runtime that becomes
 * ready at once unless a test says otherwise, and everything the workflow recorded. The inputs of a workflow under test.
 */
export class ScriptedClaw {
  readonly calls: { readonly name: keyof AllActivities; readonly input: unknown }[] = [];
  readonly records: RecordInput[] = [];
  outline: InstanceOutline = PLAIN;
  /** Facts follow what the runtime is told by themselves; a test that sends its own turns that off. */
  obeys = true;
  fact: InstanceFact | null = null;
  #seq = 0;
  #generation = 100;
  readonly #scripts: Scripts = {};
  readonly #watchers = new Set<() => void>();

  /** Replaces one activity. `call` counts from 1. */
  on<Name extends keyof AllActivities>(name: Name, script: NonNullable<Scripts[Name]>): void {
    this.#scripts[name] = script as never;
  }

  /** A fact as the observer would signal it. */
  newFact(kind: InstanceFact['kind'], generation: number, more: Partial<InstanceFact> = {}): InstanceFact {
    this.#seq += 1;
    return { kind, generation, seq: this.#seq, restarts: 0, at: '2026-11-21T10:00:00.000Z', code: null, message: null, ...more };
  }

  /** Resolves as soon as something recorded or called satisfies the predicate. */
  until<T>(predicate: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = predicate();
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** The newest record of an operation once it has one of these states. */
  reaches(operationId: string, ...states: readonly OperationState[]): Promise<OperationRecord> {
    return this.until(() => {
      const record = this.operation(operationId);
      return record && states.includes(record.state) ? record : undefined;
    });
  }

  ends(operationId: string): Promise<OperationRecord> {
    return this.reaches(operationId, ...ENDED_STATES);
  }

  operation(operationId: string): OperationRecord | undefined {
    return this.records.findLast(({ operation }) => operation?.id === operationId)?.operation ?? undefined;
  }

  step(operationId: string, name: StepName) {
    return this.operation(operationId)?.steps.findLast((step) => step.name === name);
  }

  called(name: keyof AllActivities): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  get phase(): string | undefined {
    return this.records.findLast(({ instance }) => instance !== null)?.instance?.phase;
  }

  async run<Name extends keyof AllActivities>(name: Name, input: Parameters<AllActivities[Name]>[0]): Promise<unknown> {
    this.calls.push({ name, input });
    if (name === 'recordProgress') this.records.push(input as RecordInput);
    this.#notify();
    const script = this.#scripts[name] as ((input: unknown, call: number) => unknown) | undefined;
    const result = script ? await script(input, this.called(name)) : this.#default(name, input as StepInput);
    this.#notify();
    return result;
  }

  #notify(): void {
    for (const look of [...this.#watchers]) look();
  }

  #default(name: keyof AllActivities, input: StepInput): unknown {
    switch (name) {
      case 'outlineInstance':
        return this.outline;
      case 'nextGeneration':
        this.#generation += 1;
        return this.#generation;
      case 'observeWorkload':
        return { fact: this.fact, hostConnected: true };
      case 'applyWorkload':
        this.#obey('running', 'ready', input.generation);
        return { skipped: false, version: '1.0.0', configHash: 'sha256:c', readyWithinSeconds: null } satisfies AppliedOutcome;
      case 'stopWorkload':
      case 'killWorkload':
        this.#obey('stopped', 'stopped', input.generation);
        return { skipped: false };
      case 'destroyWorkload':
        this.#obey('removed', 'removed', input.generation);
        return { skipped: false };
      case 'probeModel':
        return { skipped: false, ok: true, reason: 'Answered', message: 'ok' } satisfies ProbeOutcome;
      default:
        return { skipped: false };
    }
  }

  #obey(workload: InstanceOutline['workload'], kind: InstanceFact['kind'], generation: number): void {
    this.outline = { ...this.outline, workload };
    if (this.obeys) this.fact = this.newFact(kind, generation);
  }
}

/** What an activity fails with, as the interceptor of the worker puts it. */
export function failing(code: FailureCode, message = `failed with ${code}`): never {
  throw ApplicationFailure.create({ message, type: code, details: [{ nextStep: 'Do something.' }] });
}
