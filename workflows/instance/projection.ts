import type { RecordInput } from '../../activities/record/contract.ts';
import { FAILURES, type FailureCode } from '../contracts/failures.ts';
import type { InstanceCommand } from '../contracts/instance.ts';
import { ENDED_STATES } from '../contracts/operation.ts';
import { allowedControls, allowedFor } from './legality.ts';
import type { InstanceEntityView, InstanceState } from './state.ts';

interface Identity {
  readonly tenantId: string;
  readonly instanceId: string;
}

/** What the projections must say about the entity now. */
export function projection(identity: Identity, state: InstanceState): RecordInput {
  const { operation } = state;
  return {
    ...identity,
    operation: operation && {
      id: operation.command.operationId,
      state: operation.state,
      steps: operation.steps,
      error: operation.error,
      allowed: allowedControls(operation),
      startedAt: operation.startedAt,
      finishedAt: operation.finishedAt,
    },
    instance: {
      phase: state.phase,
      reason: state.reason,
      message: state.message,
      conditions: state.conditions,
      configHash: state.applied?.configHash ?? null,
      version: state.applied?.version ?? null,
      appliedGeneration: operation?.state === 'succeeded' ? operation.generation : null,
    },
  };
}

/** An operation that never began: illegal in the present phase, or cancelled while it waited. */
export function refusal(identity: Identity, command: InstanceCommand, code: FailureCode, message: string, at: string): RecordInput {
  const error = { code, message, nextStep: FAILURES[code].nextStep };
  const state = code === 'CANCELLED' ? 'cancelled' : 'failed';
  return { ...identity, operation: { id: command.operationId, state, steps: [], error, allowed: [], startedAt: null, finishedAt: at }, instance: null };
}

/** Answer of the query `view`. */
export function view(state: InstanceState): InstanceEntityView {
  const { operation } = state;
  const current = operation?.steps.find((step) => step.state === 'running' || step.state === 'retrying');
  return {
    phase: state.phase,
    operation: operation && {
      id: operation.command.operationId,
      kind: operation.command.kind,
      state: operation.state,
      step: current?.name ?? null,
      allowed: allowedFor(state, operation.command.operationId),
    },
    queued: state.queue.map((command) => command.operationId),
    workload: state.workload,
    repairs: state.repairs.length,
    highestSeq: state.highestSeq,
  };
}

/** Markdown for the engine's own page: where the entity stands, without names and secrets. */
export function details(state: InstanceState): string {
  const { operation } = state;
  const lines = [`**${state.phase}**${state.reason ? ` (${state.reason})` : ''}`];
  if (operation && !ENDED_STATES.includes(operation.state)) {
    const step = operation.steps.findLast((candidate) => candidate.state === 'running' || candidate.state === 'retrying');
    lines.push(`- operation ${operation.command.seq}: ${operation.command.kind}, ${operation.state}`);
    if (step) lines.push(`- step ${step.name}, attempt ${step.attempt} of ${step.maxAttempts}${step.error ? `, ${step.error.code}` : ''}`);
  }
  if (state.queue.length > 0) lines.push(`- ${state.queue.length} waiting`);
  return lines.join('\n');
}
