import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** Numbers a process knows of itself, by name. */
export type ProcessFacts = Readonly<Record<string, number>>;

export interface ReportOptions {
  /** Of the system role. */
  readonly pool: pg.Pool;
  readonly part: 'api' | 'worker';
  readonly version: string;
  /** What exactly runs, e.g. the hash of the workflow bundle; null = not known. */
  readonly build: string | null;
  readonly logLevel: () => string;
  readonly facts: () => ProcessFacts;
  readonly everyMilliseconds?: number;
}

/** A process as it last told of itself. */
export interface ProcessRow {
  readonly id: string;
  readonly part: string;
  readonly version: string;
  readonly build: string | null;
  readonly logLevel: string;
  readonly facts: ProcessFacts;
  readonly startedAt: Date;
  readonly seenAt: Date;
}

const FRESH = "interval '20 seconds'";
const FORGOTTEN = "interval '1 hour'";

/** Tells every few seconds that this process is there and how it is; its row goes when it ends in good order. Misses are made up for by the next. */
export function reportProcess({ pool, part, version, build, logLevel, facts, everyMilliseconds = 5000 }: ReportOptions): { close(): Promise<void> } {
  const id = `${part}/${randomUUID()}`;
  const startedAt = new Date(Date.now() - process.uptime() * 1000);
  let closed = false;
  const tell = async (): Promise<void> => {
    await pool.query(
      `INSERT INTO platform_process (id, part, version, build, log_level, facts, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET log_level = excluded.log_level, facts = excluded.facts, seen_at = now()`,
      [id, part, version, build, logLevel(), JSON.stringify(facts()), startedAt],
    );
    await pool.query(`DELETE FROM platform_process WHERE seen_at < now() - ${FORGOTTEN}`);
  };
  const quietly = (): Promise<void> => tell().catch(() => undefined);
  let telling = quietly();
  const timer = setInterval(() => {
    telling = telling.then(() => (closed ? undefined : quietly()));
  }, everyMilliseconds);
  return {
    close: async () => {
      closed = true;
      clearInterval(timer);
      await telling;
      await pool.query('DELETE FROM platform_process WHERE id = $1', [id]).catch(() => undefined);
    },
  };
}

/** The processes that told of themselves a moment ago, oldest first. */
export async function liveProcesses(pool: pg.Pool): Promise<ProcessRow[]> {
  const { rows } = await pool.query<ProcessRow>(
    `SELECT id, part, version, build, log_level AS "logLevel", facts, started_at AS "startedAt", seen_at AS "seenAt"
     FROM platform_process WHERE seen_at > now() - ${FRESH} ORDER BY started_at, id`,
  );
  return rows;
}
