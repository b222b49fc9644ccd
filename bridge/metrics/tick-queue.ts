import { METRIC_BATCH_TICKS, type MetricTick } from '../../workflows/contracts/metrics.ts';

/** Sends ticks and resolves when the API has stored them. Rejects when that is not known. */
export type SendTicks = (ticks: readonly MetricTick[]) => Promise<void>;

/** Ticks on their way to the API: the newest are kept while it is away, the oldest are given up. */
export interface TickQueue {
  /** Never waits and never throws. */
  push(tick: MetricTick): void;
  /** Sends through this from now on; null while there is no connection. */
  connect(send: SendTicks | null): void;
  readonly pending: number;
}

/** `kept`: how many ticks at most. One batch is under way at a time; one that failed goes again with the next tick. */
export function createTickQueue(kept: number): TickQueue {
  let queue: readonly MetricTick[] = [];
  let send: SendTicks | null = null;
  let sending = false;

  const drain = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    try {
      while (send !== null && queue.length > 0) {
        const batch = queue.slice(0, METRIC_BATCH_TICKS);
        await send(batch);
        const done = new Set(batch);
        queue = queue.filter((tick) => !done.has(tick));
      }
    } catch {
      // Kept; the next tick or connection tries again.
    } finally {
      sending = false;
    }
  };

  return {
    push: (tick) => {
      queue = [...queue, tick].slice(-kept);
      void drain();
    },
    connect: (through) => {
      send = through;
      if (through) void drain();
    },
    get pending() {
      return queue.length;
    },
  };
}
