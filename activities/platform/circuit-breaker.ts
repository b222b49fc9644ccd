/** Spares a system that is away the requests of everybody, and everybody the wait. */
export interface CircuitBreaker {
  /** Does the work, or rejects with what `refuse` makes while the system is taken for away. `refuse` is told the milliseconds until the next attempt. */
  run<T>(work: () => Promise<T>, refuse: (milliseconds: number) => Error): Promise<T>;
}

export interface CircuitBreakerOptions {
  /** Whether an error says that the system is away; others say nothing of it. */
  readonly isAway: (error: unknown) => boolean;
  /** So many in a row, and nothing is asked for a while. */
  readonly failures?: number;
  /** How long, in milliseconds; then one request goes first, and the others follow when it comes through. */
  readonly pauseMs?: number;
  readonly now?: () => number;
}

const FAILURES = 5;
const PAUSE_MS = 2000;

export function createCircuitBreaker({
  isAway,
  failures = FAILURES,
  pauseMs = PAUSE_MS,
  now = () => performance.now(),
}: CircuitBreakerOptions): CircuitBreaker {
  let inARow = 0;
  let closedUntil = Number.NEGATIVE_INFINITY;
  let trying = false;
  const told = (away: boolean) => {
    inARow = away ? inARow + 1 : 0;
    if (inARow >= failures) closedUntil = now() + pauseMs;
  };
  return {
    run: async (work, refuse) => {
      const isOpen = inARow >= failures;
      const wait = closedUntil - now();
      if (isOpen && (wait > 0 || trying)) throw refuse(Math.max(0, wait));
      if (isOpen) trying = true;
      try {
        const result = await work();
        told(false);
        return result;
      } catch (error) {
        told(isAway(error));
        throw error;
      } finally {
        if (isOpen) trying = false;
      }
    },
  };
}
