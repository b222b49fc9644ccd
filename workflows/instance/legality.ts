import { type InstanceCommand, LEGAL_OPERATIONS, Phase } from '../contracts/instance.ts';
import { OperationControl as Control, ENDED_STATES, type OperationControl, OperationKind } from '../contracts/operation.ts';
import type { InstanceState, OperationProgress } from './state.ts';

/** Whether a command that is next in line may begin in the present phase. */
export function mayBegin(phase: Phase, kind: OperationKind): boolean {
  if (kind === OperationKind.create) return phase === Phase.creating;
  // A claw that is meant to run and does not answer is shown as Starting, where some things are allowed too.
  if (phase === Phase.running) return LEGAL_OPERATIONS.Running.includes(kind) || LEGAL_OPERATIONS.Starting.includes(kind);
  return LEGAL_OPERATIONS[phase].includes(kind);
}

/** Whether a waiting command ends the running operation. Kill and destroy always do, a retry replaces what brings the instance up. */
export function preempts(running: OperationProgress, command: InstanceCommand): boolean {
  if (command.seq <= running.command.seq || running.command.kind === OperationKind.destroy) return false;
  if (command.kind === OperationKind.destroy) return true;
  if (command.kind === OperationKind.kill) return running.command.kind !== OperationKind.kill;
  return command.kind === OperationKind.retry && (running.command.kind === OperationKind.create || running.command.kind === OperationKind.retry);
}

const CANCELLABLE: ReadonlySet<OperationKind> = new Set([
  OperationKind.create,
  OperationKind.retry,
  OperationKind.start,
  OperationKind.restart,
  OperationKind.update,
  OperationKind.rotateKey,
]);

/** What a person may do with the operation now. */
export function allowedControls(operation: OperationProgress | null): readonly OperationControl[] {
  if (operation === null || ENDED_STATES.includes(operation.state)) return [];
  const waits = operation.state === 'retrying';
  if (operation.compensating) return waits ? [Control.retryNow] : [];
  if (operation.interruption !== null) return [];
  return [...(waits ? [Control.retryNow, Control.giveUp] : []), ...(CANCELLABLE.has(operation.command.kind) ? [Control.cancel] : [])];
}

/** The same for any operation the entity knows; a queued one can only be cancelled, and only where a begun one can. */
export function allowedFor(state: InstanceState, operationId: string): readonly OperationControl[] {
  if (state.operation?.command.operationId === operationId) return allowedControls(state.operation);
  const queued = state.queue.find((command) => command.operationId === operationId);
  return queued && !queued.withdrawn && CANCELLABLE.has(queued.kind) ? [Control.cancel] : [];
}
