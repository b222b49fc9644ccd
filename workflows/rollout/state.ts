import type { RolloutState } from '../contracts/rollout-record.ts';

/** A rollout that nobody has started. */
export function newRollout(): RolloutState {
  return {
    phase: 'Progressing',
    reason: null,
    message: null,
    wave: -1,
    stage: 'approval',
    asks: 'start',
    approvedBy: [],
    askedAt: null,
    touched: false,
    passes: 0,
    verdicts: 0,
    failed: 0,
    forgiven: 0,
    bakeUntil: null,
    seen: [],
  };
}
