import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import type { ClawState } from './state.ts';

/** A fact without its number and time. */
export type FactDraft = Omit<WorkloadFact, 'seq' | 'at'>;

/** What is reported of a claw, or null while there is nothing to say. */
export function factOf(state: ClawState): FactDraft | null {
  if (state.phase === 'new') return null;
  const { process } = state;
  return {
    instanceId: state.workload.instanceId,
    generation: state.generation,
    phase: state.phase,
    pid: process?.pid ?? null,
    startedAt: process ? new Date(process.startedAt).toISOString() : null,
    ready: process !== null && state.ready,
    live: process !== null && state.live,
    exitCode: state.exitCode,
    signal: state.signal,
    restarts: state.restarts,
    nextStartAt: state.phase === 'backing-off' && state.notBefore !== null ? new Date(state.notBefore).toISOString() : null,
    filesHash: state.diskHash,
    error: state.error,
  };
}
