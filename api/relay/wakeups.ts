import type { Logger } from '../../activities/platform/logger.ts';
import { keepSession } from '../../prisma/lasting-session.ts';

/** Tells that something new may be in the outbox. */
export interface Wakeups {
  /** Answers how to unsubscribe. A listener must not throw. */
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WakeupOptions {
  /** Connection string of a role that may listen; a pooler in transaction mode does not do. */
  readonly url: string;
  readonly logger: Logger;
  /** A lost notification costs no more than this. */
  readonly safetyMilliseconds?: number;
  readonly reconnectMilliseconds?: number;
}

/** LISTEN on a connection of its own, which is made again whenever it is lost, with a slow poll beside it. */
export function listenToOutbox({ url, logger, safetyMilliseconds = 2000, reconnectMilliseconds = 500 }: WakeupOptions): Wakeups {
  const listeners = new Set<() => void>();
  const wake = () => {
    for (const listener of listeners) listener();
  };
  const session = keepSession({
    url,
    retryMilliseconds: reconnectMilliseconds,
    prepare: (client) => client.on('notification', wake).query('LISTEN clawloops_outbox'),
    onReady: wake,
    onLost: ({ message }) => logger.warn({ reason: message }, 'the connection that listens to the outbox was lost'),
  });
  const safety = setInterval(wake, safetyMilliseconds);
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      clearInterval(safety);
      return session.close();
    },
  };
}
