import type { InstanceFact } from '../../workflows/contracts/instance.ts';
import { toInstanceFact } from '../../workflows/contracts/instance-fact.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';

/** What the database says of the instance a fact is about. */
export interface FactContext {
  readonly intentPhase: string;
  /** Whether an operation was accepted that has not ended. */
  readonly operationOpen: boolean;
  readonly desired: { readonly generation: number; readonly state: string; readonly filesHash: string | null } | null;
}

/**
 * The signal a fact is worth, or null: only what changes what the entity must do. While an operation is open that is every step the
 * claw takes; otherwise a crash, a claw that is gone, files changed by hand, and what may settle a failed phase.
 */
export function decideSignal(fact: WorkloadFact, context: FactContext): InstanceFact | null {
  const seen = toInstanceFact(fact);
  const { desired, intentPhase, operationOpen } = context;
  if (intentPhase === 'Destroyed') return null;
  if (operationOpen) return seen.kind === 'pending' ? null : seen;
  if (desired === null || fact.generation < desired.generation) return null;
  const meantToRun = desired.state === 'running';
  if (seen.kind === 'exited') return seen;
  if (meantToRun && (seen.kind === 'stopped' || seen.kind === 'removed')) return { ...seen, kind: 'lost' };
  if (meantToRun && fact.pid !== null && desired.filesHash !== null && fact.filesHash !== null && fact.filesHash !== desired.filesHash)
    return { ...seen, kind: 'drifted' };
  if (intentPhase === 'Failed' && (seen.kind === 'ready' || seen.kind === 'stopped')) return seen;
  return null;
}
