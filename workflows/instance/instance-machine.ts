import type { FailureCode, FailureView } from '../contracts/failures.ts';
import type { Condition, ConditionType, InstanceCommand, InstanceFact, Phase } from '../contracts/instance.ts';
import { Limits } from '../contracts/limits.ts';
import type { OperationState, OperationStep, StepName } from '../contracts/operation.ts';
import type { RepairDecision } from './circuit.ts';
import { preempts } from './legality.ts';
import type { PlannedStep } from './plans.ts';
import type { InstanceState, Interruption, OperationProgress, QueuedCommand } from './state.ts';

const FACTS_KEPT = 32;

/** Everything that can happen to an entity. Times are ISO strings. */
export type InstanceEvent =
  | { readonly type: 'command-received'; readonly command: InstanceCommand }
  | { readonly type: 'fact-received'; readonly fact: InstanceFact }
  | { readonly type: 'command-taken' }
  | { readonly type: 'command-withdrawn'; readonly operationId: string }
  | { readonly type: 'operation-began'; readonly command: QueuedCommand; readonly generation: number; readonly phase: Phase; readonly at: string }
  | { readonly type: 'operation-planned'; readonly steps: readonly PlannedStep[]; readonly maxAttempts: number; readonly at: string }
  | { readonly type: 'compensation-planned'; readonly steps: readonly StepName[]; readonly maxAttempts: number }
  | { readonly type: 'step-began'; readonly name: StepName; readonly attempt: number; readonly at: string }
  | {
      readonly type: 'step-ended';
      readonly name: StepName;
      readonly state: 'succeeded' | 'skipped' | 'failed' | 'cancelled';
      readonly error: FailureView | null;
      readonly at: string;
    }
  | { readonly type: 'step-waits'; readonly name: StepName; readonly error: FailureView; readonly nextAttemptAt: string }
  | { readonly type: 'retry-now-asked' }
  | { readonly type: 'interrupted'; readonly interruption: Interruption }
  | {
      readonly type: 'workload-told';
      readonly generation: number;
      readonly wanted: InstanceState['workload']['wanted'];
      readonly applied: InstanceState['applied'];
    }
  | { readonly type: 'condition-changed'; readonly condition: Condition }
  | {
      readonly type: 'operation-ended';
      readonly state: OperationState;
      readonly error: FailureView | null;
      readonly phase: Phase;
      readonly settlesOn: InstanceState['settlesOn'];
      readonly at: string;
    }
  | { readonly type: 'operation-closed' }
  | { readonly type: 'fact-judged'; readonly decision: RepairDecision }
  | { readonly type: 'phase-settled'; readonly phase: Phase; readonly reason: FailureCode | null; readonly message: string | null };

/** The entity's state after one event. Pure; an event that does not apply changes nothing. */
export function reduce(state: InstanceState, event: InstanceEvent): InstanceState {
  switch (event.type) {
    case 'command-received':
      return receiveCommand(state, event.command);
    case 'fact-received':
      return receiveFact(state, event.fact);
    case 'command-taken':
      return takeCommand(state);
    case 'command-withdrawn':
      return { ...state, queue: state.queue.map((command) => (command.operationId === event.operationId ? { ...command, withdrawn: true } : command)) };
    case 'operation-began':
      return { ...state, phase: event.phase, reason: null, message: null, settlesOn: null, facts: [], repairs: [], operation: begin(state, event) };
    case 'operation-ended':
      return endOperation(state, event);
    case 'operation-closed':
      // What arrived while the operation ran was its business; the last word of the runtime is judged again now.
      return { ...state, operation: null, facts: state.newest === null ? [] : [state.newest] };
    case 'workload-told':
      return {
        ...state,
        workload: { generation: event.generation, wanted: event.wanted },
        applied: event.applied ?? state.applied,
        ...withOperation(state, (operation) => ({ ...operation, applied: true })),
      };
    case 'condition-changed':
      return { ...state, conditions: withCondition(state.conditions, event.condition) };
    case 'fact-judged':
      return { ...state, facts: state.facts.slice(1), repairs: event.decision.repairs, countedRestarts: event.decision.countedRestarts };
    case 'phase-settled':
      return { ...state, phase: event.phase, reason: event.reason, message: event.message, settlesOn: null };
    default:
      return { ...state, ...withOperation(state, (operation) => reduceOperation(operation, event)) };
  }
}

type OperationEvent = Extract<
  InstanceEvent,
  { type: 'operation-planned' | 'compensation-planned' | 'step-began' | 'step-ended' | 'step-waits' | 'retry-now-asked' | 'interrupted' }
>;

function reduceOperation(operation: OperationProgress, event: OperationEvent): OperationProgress {
  switch (event.type) {
    case 'operation-planned':
      return { ...operation, steps: event.steps.map(({ name, skip }) => (skip ? skipped(name, event.at) : pending(name, event.maxAttempts))) };
    case 'compensation-planned':
      return {
        ...operation,
        state: 'running',
        compensating: true,
        retryNow: false,
        steps: [
          ...operation.steps.map((step) => (step.state === 'pending' ? { ...step, state: 'skipped' as const } : step)),
          ...event.steps.map((name) => pending(name, event.maxAttempts)),
        ],
      };
    case 'step-began':
      return {
        ...operation,
        state: 'running',
        retryNow: false,
        steps: withStep(operation, event.name, (step) => ({
          ...step,
          state: 'running',
          attempt: event.attempt,
          nextAttemptAt: null,
          startedAt: step.startedAt ?? event.at,
        })),
      };
    case 'step-ended':
      return {
        ...operation,
        state: 'running',
        steps: withStep(operation, event.name, (step) => ({ ...step, state: event.state, error: event.error, nextAttemptAt: null, finishedAt: event.at })),
      };
    case 'step-waits':
      return {
        ...operation,
        state: 'retrying',
        steps: withStep(operation, event.name, (step) => ({ ...step, state: 'retrying', error: event.error, nextAttemptAt: event.nextAttemptAt })),
      };
    case 'retry-now-asked':
      return operation.state === 'retrying' ? { ...operation, retryNow: true } : operation;
    case 'interrupted':
      return operation.interruption === null || event.interruption.by === 'preempted' ? { ...operation, interruption: event.interruption } : operation;
  }
}

function receiveCommand(state: InstanceState, command: InstanceCommand): InstanceState {
  const seen =
    state.processed.includes(command.operationId) ||
    state.queue.some((waiting) => waiting.operationId === command.operationId) ||
    command.seq <= state.highestSeq - Limits.processedOperations;
  if (seen) return state;
  const queue = [...state.queue, command].sort((a, b) => a.seq - b.seq);
  const received = { ...state, queue, highestSeq: Math.max(state.highestSeq, command.seq) };
  const running = state.operation;
  if (running === null || !preempts(running, command)) return received;
  return reduce(received, { type: 'interrupted', interruption: { by: 'preempted', operationId: command.operationId } });
}

function receiveFact(state: InstanceState, fact: InstanceFact): InstanceState {
  // Equal numbers come from the same fact, once read and once signalled; drift is the observer's own conclusion from a fact.
  if (state.newest !== null && fact.seq < state.newest.seq) return state;
  const repeated = state.newest !== null && fact.seq === state.newest.seq && fact.kind === state.newest.kind;
  if (repeated) return state;
  return { ...state, newest: fact, facts: state.operation === null ? [...state.facts, fact].slice(-FACTS_KEPT) : state.facts };
}

function takeCommand(state: InstanceState): InstanceState {
  const [command, ...queue] = state.queue;
  return command === undefined ? state : { ...state, queue, processed: remember(state.processed, command.operationId) };
}

function remember(processed: readonly string[], operationId: string): readonly string[] {
  return [...processed, operationId].slice(-Limits.processedOperations);
}

function begin(state: InstanceState, event: Extract<InstanceEvent, { type: 'operation-began' }>): OperationProgress {
  const { withdrawn, ...command } = event.command;
  const operation: OperationProgress = {
    command,
    priorPhase: state.phase,
    generation: event.generation,
    state: 'running',
    steps: [],
    startedAt: event.at,
    finishedAt: null,
    error: null,
    // A lost worker may have carried out more of it than the history knows, so what was withdrawn begins too, only to be undone.
    interruption: withdrawn ? { by: 'cancel' } : null,
    retryNow: false,
    applied: false,
    compensating: false,
  };
  // A kill may wait behind other commands: what it would have ended at once does not begin its steps either.
  const successor = state.queue.find((command) => preempts(operation, command));
  return successor ? { ...operation, interruption: { by: 'preempted', operationId: successor.operationId } } : operation;
}

function endOperation(state: InstanceState, event: Extract<InstanceEvent, { type: 'operation-ended' }>): InstanceState {
  if (state.operation === null) return state;
  const steps = state.operation.steps.map((step) => (step.state === 'pending' ? { ...step, state: 'skipped' as const } : step));
  const operation = { ...state.operation, state: event.state, error: event.error, finishedAt: event.at, steps };
  const isBad = event.phase === 'Failed';
  return {
    ...state,
    operation,
    phase: event.phase,
    settlesOn: event.settlesOn,
    reason: isBad ? (event.error?.code ?? null) : null,
    message: isBad ? (event.error?.message ?? null) : null,
  };
}

function withOperation(state: InstanceState, change: (operation: OperationProgress) => OperationProgress): { operation: OperationProgress | null } {
  return { operation: state.operation === null || state.operation.finishedAt !== null ? state.operation : change(state.operation) };
}

/** Changes the last step of that name: a compensation may repeat one that the plan had. */
function withStep(operation: OperationProgress, name: StepName, change: (step: OperationStep) => OperationStep): readonly OperationStep[] {
  const index = operation.steps.findLastIndex((step) => step.name === name);
  return operation.steps.map((step, at) => (at === index ? change(step) : step));
}

function pending(name: StepName, maxAttempts: number): OperationStep {
  return { name, state: 'pending', attempt: 0, maxAttempts, nextAttemptAt: null, startedAt: null, finishedAt: null, error: null };
}

function skipped(name: StepName, at: string): OperationStep {
  return { name, state: 'skipped', attempt: 0, maxAttempts: 0, nextAttemptAt: null, startedAt: null, finishedAt: at, error: null };
}

function withCondition(conditions: readonly Condition[], changed: Condition): readonly Condition[] {
  const before = conditions.find((condition) => condition.type === changed.type);
  const kept = before?.status === changed.status ? { ...changed, lastTransitionTime: before.lastTransitionTime } : changed;
  return [...conditions.filter((condition) => condition.type !== changed.type), kept];
}

/** A condition in the form it is stored. */
export function condition(type: ConditionType, status: Condition['status'], reason: string, message: string, at: string): Condition {
  return { type, status, reason, message, lastTransitionTime: at };
}
