import type { Logger } from '../../activities/platform/logger.ts';
import { keepSession } from '../../prisma/lasting-session.ts';

/** Advisory locks of the product; names in one place, so that no two meet. */
export const AdvisoryLock = { relay: 'clawloops/relay' } as const;
export type AdvisoryLock = (typeof AdvisoryLock)[keyof typeof AdvisoryLock];

export interface LeadershipOptions {
  readonly url: string;
  readonly lock: AdvisoryLock;
  readonly logger: Logger;
  /** Told when this process becomes the one that works, and when it no longer is. */
  readonly onChange: (leading: boolean) => void;
  readonly retryMilliseconds?: number;
}

/**
 * One process at a time leads: the one whose database session holds the lock. When it dies, or its connection does, the database
 * gives the lock to the next that waits. Work done by an old leader in the moment between must be harmless when done twice.
 */
export function seekLeadership({ url, lock, logger, onChange, retryMilliseconds = 500 }: LeadershipOptions): { close(): Promise<void> } {
  let leading = false;
  const lead = (next: boolean) => {
    if (leading === next) return;
    leading = next;
    onChange(next);
  };
  const session = keepSession({
    url,
    retryMilliseconds,
    prepare: (client) => client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lock]),
    onReady: () => lead(true),
    onLost: ({ message }) => {
      lead(false);
      logger.warn({ reason: message, lock }, 'the session that may lead was lost');
    },
  });
  return {
    close: () => {
      lead(false);
      return session.close();
    },
  };
}
