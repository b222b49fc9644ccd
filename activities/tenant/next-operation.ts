import { LEGAL_OPERATIONS, Phase } from '../../workflows/contracts/instance.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import type { TenantWorkKind } from '../../workflows/contracts/tenant-work.ts';

/** A claw of a tenant that is being taken down. */
export interface DoomedClaw {
  readonly phase: Phase;
  /** Kinds of its operations that have not ended. */
  readonly active: readonly OperationKind[];
  /** An operation of the work failed a moment ago: it is asked for again a little later. */
  readonly failedLately: boolean;
}

const DOWN: readonly Phase[] = [Phase.stopped, Phase.failed];
const GONE: readonly Phase[] = [Phase.destroyed];

/** Whether nothing of it is left to take down. */
export function isDown(kind: TenantWorkKind, { phase, active }: DoomedClaw): boolean {
  if (kind === 'delete') return GONE.includes(phase);
  return GONE.includes(phase) || (DOWN.includes(phase) && active.length === 0);
}

/** What to ask for now; null: nothing, because it is down, was asked, or must first end what it does. */
export function nextOperation(kind: TenantWorkKind, claw: DoomedClaw): OperationKind | null {
  const { phase, active, failedLately } = claw;
  if (failedLately || isDown(kind, claw)) return null;
  const wanted = kind === 'delete' ? OperationKind.destroy : OperationKind.stop;
  const isAsked = active.includes(wanted) || active.includes(OperationKind.destroy);
  if (isAsked || !LEGAL_OPERATIONS[phase].includes(wanted)) return null;
  // A stop waits for its turn, a destroy takes the place of what runs.
  return wanted === OperationKind.destroy || active.length === 0 ? wanted : null;
}
