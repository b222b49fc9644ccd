/** A signal with an end of its own. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Nobody waits any more: the time and everything that hangs on it are let go. */
  end(): void;
}

/**
 * Aborts with `signal` or after that time, whichever is first. What `AbortSignal.timeout` is combined with stays in memory until the time is
 * up, however long before its work was done.
 */
export function limitTime(milliseconds: number, signal: AbortSignal): TimeLimit {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  return { signal: AbortSignal.any([signal, limit.signal]), end: () => clearTimeout(timer) };
}
