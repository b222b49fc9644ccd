import type { Condition } from '../../../../workflows/contracts/instance.ts';
import type { Tone } from './status-view.ts';

/** One condition as a sentence: `sentenceKey` says it in the portal's language, `detail` adds the particular case. */
export interface ConditionView {
  readonly type: string;
  readonly tone: Tone;
  readonly icon: string;
  readonly sentenceKey: string;
  readonly detail: string | null;
  readonly since: string;
}

const LOOKS = {
  True: { tone: 'success', icon: 'i-lucide-circle-check' },
  False: { tone: 'error', icon: 'i-lucide-circle-x' },
  Unknown: { tone: 'neutral', icon: 'i-lucide-circle-dashed' },
} as const;

/** Conditions in the order of the contract. While the claw is stopped or on its way, "not yet" is no error. */
export function conditionViews(conditions: readonly Condition[], settled: boolean): readonly ConditionView[] {
  return conditions.map((condition) => {
    const look = condition.status === 'False' && !settled ? LOOKS.Unknown : LOOKS[condition.status];
    return {
      type: condition.type,
      ...look,
      sentenceKey: `condition.${condition.type}.${condition.status}`,
      detail: condition.status === 'True' || condition.message === '' ? null : condition.message,
      since: condition.lastTransitionTime,
    };
  });
}
