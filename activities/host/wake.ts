import { keepSession } from '../../prisma/lasting-session.ts';
import type { Logger } from '../platform/logger.ts';

const CHANNEL = 'clawloops_fact';
const RECONNECT_MS = 1_000;

/** Tells when facts of a host may have arrived; never whether there are some. */
export interface FactWake {
  /** Resolves at the next notification, reconnect, after `limitMs`, or when `signal` aborts. */
  next(limitMs: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Listens for facts of one host on a connection of its own, which is opened again whenever it breaks. */
export function listenForFacts({ url, hostId, logger }: { readonly url: string; readonly hostId: string; readonly logger: Logger }): FactWake {
  let missed = true;
  let wake: () => void = () => undefined;
  const ring = () => {
    missed = true;
    wake();
  };
  const session = keepSession({
    url,
    retryMilliseconds: RECONNECT_MS,
    prepare: (client) => client.on('notification', ({ payload }) => payload === hostId && ring()).query(`LISTEN ${CHANNEL}`),
    onReady: ring,
    onLost: (error) => logger.warn({ code: (error as NodeJS.ErrnoException).code }, 'lost the connection that listens for facts'),
  });
  return {
    next: (limitMs, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(limit);
          signal.removeEventListener('abort', done);
          wake = () => undefined;
          missed = false;
          resolve();
        };
        const limit = setTimeout(done, limitMs);
        signal.addEventListener('abort', done, { once: true });
        wake = done;
        if (missed || signal.aborted) done();
      }),
    close: () => session.close(),
  };
}
