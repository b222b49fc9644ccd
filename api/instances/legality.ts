import { Failure } from '../../workflows/contracts/failures.ts';
import { LEGAL_OPERATIONS, Phase } from '../../workflows/contracts/instance.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';

/** What an instance is doing, as far as admission must know. */
export interface Situation {
  readonly phase: Phase;
  /** Operations that have not ended, in order. */
  readonly active: readonly { readonly id: string; readonly kind: OperationKind }[];
}

/** These take the place of what runs; everything else waits its turn. */
const PREEMPTING: readonly OperationKind[] = [OperationKind.kill, OperationKind.retry, OperationKind.destroy];

/** What may be asked for in this situation. */
export function legalKinds({ phase, active }: Situation): readonly OperationKind[] {
  const effective = active.some(({ kind }) => kind === OperationKind.destroy) ? Phase.destroying : phase;
  const legal = LEGAL_OPERATIONS[effective];
  if (active.length === 0) return legal;
  return legal.filter((kind) => PREEMPTING.includes(kind) && !active.some((operation) => operation.kind === kind));
}

/** Why this operation may not be accepted now, or null. */
export function refusal(situation: Situation, kind: OperationKind): Failure | null {
  const legal = legalKinds(situation);
  if (legal.includes(kind)) return null;
  const possible = legal.length > 0 ? `Possible now: ${legal.join(', ')}.` : 'Nothing is possible now.';
  const { phase, active } = situation;
  const [running] = active;
  if (running && LEGAL_OPERATIONS[phase].includes(kind) && !active.some((operation) => operation.kind === OperationKind.destroy)) {
    return new Failure('OPERATION_IN_PROGRESS', `The operation ${running.kind} (${running.id}) has not ended. ${possible}`, {
      operationId: running.id,
      allowed: legal,
    });
  }
  return new Failure('ILLEGAL_TRANSITION', `${kind} is not possible while the instance is ${phase}. ${possible}`, { phase, allowed: legal });
}
