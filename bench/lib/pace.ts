import { setTimeout as sleep } from 'node:timers/promises';

/** What came of a paced load. Latencies in milliseconds, from the moment a request was due, in no particular order. */
export interface PacedResult {
  readonly latencies: readonly number[];
  /** Requests that failed or had no answer when the patience ended; the latter count as latencies of their waiting time. */
  readonly failed: number;
  /** Answers per second from the first due request to the last answer. */
  readonly achievedPerSecond: number;
  /** The most that a request was sent after it was due: how far the sender itself is to blame. */
  readonly sentLateMs: number;
}

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  /** After the last request was due, how long answers are waited for. */
  readonly patienceSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends requests at fixed times whether or not earlier ones were answered, as independent people do, and measures each from
 * when it was due. A slow server therefore cannot slow its own measurement down.
 */
export async function paced(pace: Pace, send: (index: number) => Promise<boolean>): Promise<PacedResult> {
  const { perSecond, seconds, patienceSeconds = 10, signal } = pace;
  const total = Math.max(1, Math.round(perSecond * seconds));
  const begin = performance.now();
  const dueAt = (index: number) => begin + (index * 1000) / perSecond;
  const latencies: number[] = [];
  const open = new Set<number>();
  let failed = 0;
  let sentLateMs = 0;
  let lastAnswer = begin;
  const one = async (index: number) => {
    open.add(index);
    const good = await send(index).catch(() => false);
    if (!open.delete(index)) return;
    lastAnswer = performance.now();
    latencies.push(lastAnswer - dueAt(index));
    if (!good) failed += 1;
  };
  const running: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const wait = dueAt(index) - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    sentLateMs = Math.max(sentLateMs, performance.now() - dueAt(index));
    running.push(one(index));
  }
  const patience = new AbortController();
  await Promise.race([Promise.all(running), sleep(patienceSeconds * 1000, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  const now = performance.now();
  const answered = latencies.length;
  failed += open.size;
  latencies.push(...[...open].map((index) => now - dueAt(index)));
  open.clear();
  return { latencies, failed, achievedPerSecond: (answered * 1000) / Math.max(lastAnswer - begin, 1), sentLateMs };
}
