import type { Logger } from '../../activities/platform/logger.ts';
import { keepSession } from '../../prisma/lasting-session.ts';

/** Channel of PostgreSQL on which the database says whose rights changed; the payload is the id of a person or of a tenant. */
const RIGHTS_CHANNEL = 'clawloops_rights';

/** Whose open connections are to be looked at again. */
export interface RightsWatch {
  close(): Promise<void>;
}

export interface RightsWatchOptions {
  /** Connection string of a role that may listen; a pooler in transaction mode does not do. */
  readonly url: string;
  readonly logger: Logger;
  /** Told of a person or tenant whose rights changed, and of everybody (null) after the connection was away. Must not throw. */
  readonly onChanged: (id: string | null) => void;
}

const RECONNECT_MS = 500;

/** Hears of changed rights at once, whichever process changed them. */
export function watchRights({ url, logger, onChanged }: RightsWatchOptions): RightsWatch {
  return keepSession({
    url,
    retryMilliseconds: RECONNECT_MS,
    prepare: (client) => client.on('notification', ({ payload }) => onChanged(payload || null)).query(`LISTEN ${RIGHTS_CHANNEL}`),
    // Whatever was said while nobody listened was said to nobody.
    onReady: () => onChanged(null),
    onLost: ({ message }) => logger.warn({ reason: message }, 'the connection that hears of changed rights was lost'),
  });
}
