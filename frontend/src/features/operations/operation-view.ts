import type { FailureView } from '../../../../workflows/contracts/failures.ts';
import type { OperationState, OperationStep, OperationView, StepState } from '../../../../workflows/contracts/operation.ts';
import { ENDED_STATES } from '../../../../workflows/contracts/operation.ts';
import type { Tone } from '../instances/status-view.ts';

const STATE_TONES: Readonly<Record<StepState, Tone>> = {
  pending: 'neutral',
  running: 'info',
  retrying: 'warning',
  succeeded: 'success',
  failed: 'error',
  cancelled: 'neutral',
  skipped: 'neutral',
};

/** Colour of an operation or a step in this state. */
export function stateTone(state: StepState): Tone {
  return STATE_TONES[state];
}

/** Whether the operation is over, one way or the other. */
export function isEnded(state: OperationState): boolean {
  return ENDED_STATES.includes(state);
}

/** The strip under an instance's header: where the operation stands and what holds it. Step numbers count from 1. */
export interface OperationStrip {
  readonly tone: Tone;
  readonly ended: boolean;
  readonly stepNumber: number;
  readonly stepCount: number;
  readonly doneCount: number;
  readonly current: OperationStep | null;
  /** The failure to show: of the step that waits or failed, else of the operation. */
  readonly error: FailureView | null;
  /** Present while a step waits for another attempt; an ISO time. */
  readonly nextAttemptAt: string | null;
}

const PASSED: readonly StepState[] = ['succeeded', 'skipped'];

/** The step people should look at: the one that runs, waits or failed, else the first that has not begun. */
function currentStep(steps: readonly OperationStep[]): OperationStep | null {
  return steps.find((step) => !PASSED.includes(step.state) && step.state !== 'pending') ?? steps.find((step) => step.state === 'pending') ?? null;
}

/** Derives the strip from an operation. */
export function operationStrip(operation: Pick<OperationView, 'state' | 'steps' | 'error'>): OperationStrip {
  const { steps } = operation;
  const current = operation.state === 'succeeded' ? null : currentStep(steps);
  const index = current === null ? steps.length - 1 : steps.indexOf(current);
  return {
    tone: STATE_TONES[operation.state],
    ended: isEnded(operation.state),
    stepNumber: index + 1,
    stepCount: steps.length,
    doneCount: steps.filter((step) => PASSED.includes(step.state)).length,
    current,
    error: operation.error ?? current?.error ?? null,
    nextAttemptAt: current?.state === 'retrying' ? current.nextAttemptAt : null,
  };
}

/** Whole seconds until `at`, never negative. */
export function secondsUntil(at: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(at) - now) / 1000));
}

/** Milliseconds an operation or step took so far, or took in all; null before it began. */
export function elapsedMs(part: { readonly startedAt: string | null; readonly finishedAt: string | null }, now: number): number | null {
  if (part.startedAt === null) return null;
  const end = part.finishedAt === null ? now : Date.parse(part.finishedAt);
  return Math.max(0, end - Date.parse(part.startedAt));
}

/** The operation an instance page shows first: the newest that runs, else the newest when it failed. */
export function operationToShow(newestFirst: readonly OperationView[]): OperationView | null {
  const active = newestFirst.find((operation) => !isEnded(operation.state));
  if (active !== undefined) return active;
  const newest = newestFirst[0];
  return newest !== undefined && newest.state === 'failed' ? newest : null;
}
