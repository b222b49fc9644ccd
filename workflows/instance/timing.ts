import { Limits } from '../contracts/limits.ts';

/** How long an entity waits for what. Milliseconds; an input of the workflow, so that tests pass short ones. */
export interface Timing {
  readonly maxAttempts: number;
  /** Back-off before attempt 2; doubles up to `backoffLimitMs`. */
  readonly backoffBaseMs: number;
  readonly backoffLimitMs: number;
  readonly processMs: number;
  /** Used when the claw type does not say how long it takes to become ready. */
  readonly readyMs: number;
  readonly stoppedMs: number;
  readonly removedMs: number;
  /** How long a repeated attempt gives the runtime to take back that it is blocked. */
  readonly recheckMs: number;
  /** History length after which an idle entity continues as new. */
  readonly historyEvents: number;
}

export const DEFAULT_TIMING: Timing = {
  maxAttempts: 8,
  backoffBaseMs: 1_000,
  backoffLimitMs: 60_000,
  processMs: 60_000,
  readyMs: 120_000,
  stoppedMs: 60_000,
  removedMs: 60_000,
  recheckMs: 3_000,
  historyEvents: Limits.historyEvents,
};

/** Wait after the failed attempt number `attempt` (1 = the first). */
export function backoffMs(timing: Timing, attempt: number): number {
  return Math.min(timing.backoffBaseMs * 2 ** (attempt - 1), timing.backoffLimitMs);
}
