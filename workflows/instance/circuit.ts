import type { InstanceFact } from '../contracts/instance.ts';
import { Limits } from '../contracts/limits.ts';
import type { InstanceState } from './state.ts';

/** What an idle entity does about a fact. */
export type Repair = 'none' | 'reapply' | 'open-circuit' | 'settle-running' | 'settle-stopped';

export interface RepairDecision {
  readonly repair: Repair;
  readonly repairs: readonly number[];
  readonly countedRestarts: number | null;
}

/**
 * Judges one fact while no operation runs. Every exit and every repair counts; the fifth within the window opens the circuit.
 * An exit is counted once however often its fact arrives, by the runtime's own restart counter.
 */
export function decideRepair(state: InstanceState, fact: InstanceFact, nowMs: number): RepairDecision {
  const nothing: RepairDecision = { repair: 'none', repairs: state.repairs, countedRestarts: state.countedRestarts };
  if (fact.generation < state.workload.generation) return nothing;
  if (state.settlesOn === fact.kind) return { ...nothing, repair: fact.kind === 'ready' ? 'settle-running' : 'settle-stopped' };
  if (state.workload.wanted !== 'running') return nothing;
  if (fact.kind === 'exited') {
    if (fact.restarts === state.countedRestarts) return nothing;
    return count(state, nowMs, 'none', fact.restarts);
  }
  const isLost = fact.kind === 'lost' || fact.kind === 'stopped' || fact.kind === 'removed' || fact.kind === 'drifted';
  return isLost ? count(state, nowMs, 'reapply', state.countedRestarts) : nothing;
}

function count(state: InstanceState, nowMs: number, repair: Repair, countedRestarts: number | null): RepairDecision {
  const since = nowMs - Limits.circuitWindowSeconds * 1000;
  const repairs = [...state.repairs.filter((at) => at > since), nowMs];
  return { repair: repairs.length >= Limits.circuitRepairs ? 'open-circuit' : repair, repairs, countedRestarts };
}
