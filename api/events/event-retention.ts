import type pg from 'pg';
import type { Logger } from '../../activities/platform/logger.ts';

const EVERY_MS = 10 * 60_000;
/** So many at a time, so that nobody who writes waits for long. */
const BATCH = 5_000;
const DAY_MS = 24 * 3600 * 1000;

/** Removes events that last happened longer ago than `keepDays`, and notifications as old. Answers how many; several processes at once share the work. */
export async function pruneEvents(pool: pg.Pool, keepDays: number, now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - keepDays * DAY_MS);
  return (await pruneTable(pool, 'fleet_event', 'last_at', before)) + (await pruneTable(pool, 'notification', 'created_at', before));
}

async function pruneTable(pool: pg.Pool, table: string, at: string, before: Date): Promise<number> {
  for (let removed = 0; ; ) {
    const { rowCount } = await pool.query(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${at} < $1 ORDER BY ${at} LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [before, BATCH],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return removed;
  }
}

/** Forgets old events now and every ten minutes. `systemPool` is of the system role: it does so for every tenant. */
export function keepEventsShort({ systemPool, keepDays, logger }: { readonly systemPool: pg.Pool; readonly keepDays: number; readonly logger: Logger }): {
  close(): void;
} {
  const prune = () =>
    pruneEvents(systemPool, keepDays).then(
      (removed) => removed > 0 && logger.info({ removed, keepDays }, 'old events were removed'),
      (error: Error) => logger.warn({ reason: error.message }, 'old events could not be removed'),
    );
  const timer = setInterval(() => void prune(), EVERY_MS);
  void prune();
  return { close: () => clearInterval(timer) };
}
