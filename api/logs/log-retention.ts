import type pg from 'pg';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import type { Logger } from '../../activities/platform/logger.ts';

const EVERY_MS = 60_000;
const BATCH = 200;

export interface LogRetention {
  readonly keepDays: number;
  /** Packed bytes per instance; beyond it the oldest pieces go. */
  readonly keepBytes: number;
}

/** Pieces that may go: too old, too many, of claws whose data was wiped, or announced a day ago and never brought. */
const OUTDATED = `SELECT a.id, a.object_key FROM
  (SELECT *, sum(bytes) OVER (PARTITION BY instance_id ORDER BY from_at DESC) AS total FROM log_archive) a
  WHERE a.to_at < now() - $1 * interval '1 day' OR a.total > $2 OR (a.stored_at IS NULL AND a.created_at < now() - interval '1 day')
    OR EXISTS (SELECT 1 FROM instance i JOIN operation o ON o.instance_id = i.id AND o.kind = 'destroy' AND o.params->>'retention' = 'wipe'
      WHERE i.id = a.instance_id AND i.destroyed_at IS NOT NULL)
  LIMIT $3`;

/** Removes what may go from the archive, objects first. Answers how many; several processes at once do no harm. Throws STORAGE_UNAVAILABLE. */
export async function pruneLogs(pool: pg.Pool, store: ObjectStore, { keepDays, keepBytes }: LogRetention): Promise<number> {
  for (let removed = 0; ; ) {
    const { rows } = await pool.query<{ id: string; object_key: string }>(OUTDATED, [keepDays, keepBytes, BATCH]);
    for (const { id, object_key: key } of rows) {
      await store.remove(key);
      await pool.query('DELETE FROM log_archive WHERE id = $1', [id]);
    }
    removed += rows.length;
    if (rows.length < BATCH) return removed;
  }
}

export interface LogRetentionDeps extends LogRetention {
  readonly systemPool: pg.Pool;
  readonly objectStore: ObjectStore;
  readonly logger: Logger;
}

/** Forgets old pieces of logs now and every minute. `systemPool` is of the system role: it does so for every tenant. */
export function keepLogsShort({ systemPool, objectStore, logger, ...retention }: LogRetentionDeps): { close(): void } {
  const prune = () =>
    pruneLogs(systemPool, objectStore, retention).then(
      (removed) => removed > 0 && logger.info({ removed }, 'old pieces of logs were removed from the archive'),
      (error: Error) => logger.warn({ reason: error.message }, 'old pieces of logs could not be removed from the archive'),
    );
  const timer = setInterval(() => void prune(), EVERY_MS);
  void prune();
  return { close: () => clearInterval(timer) };
}
