import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import type { FailureCode } from '../../workflows/contracts/failures.ts';

/** One request of a claw. Times in milliseconds, `at` when it arrived, `firstByteMs` null when nothing came. */
export interface UsageRow {
  readonly id: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly instanceId: string;
  readonly provider: string;
  readonly model: string;
  readonly path: string;
  readonly status: number;
  readonly streamed: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  readonly firstByteMs: number | null;
  readonly errorCode: FailureCode | null;
  readonly at: Date;
}

/** Writes usage behind the requests: in batches, in order, again and again while the database is away. */
export interface UsageMeter {
  /** Never throws and never waits. */
  record(row: UsageRow): void;
  /** Resolves when everything recorded so far is written. Rejects after `timeoutMs` with the number of rows that are not. */
  drain(timeoutMs: number): Promise<void>;
}

export interface UsageMeterOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly retryMs?: number;
}

const BATCH = 200;
/** About 30 MiB; reached only when the database is away for long under load. */
const MAX_PENDING = 50_000;

const INSERT = `INSERT INTO usage_record
  (id, tenant_id, project_id, instance_id, provider, model, path, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, first_byte_ms, error_code, at)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS row(id text, "tenantId" text, "projectId" text, "instanceId" text, provider text, model text, path text, status integer, streamed boolean,
    "promptTokens" integer, "completionTokens" integer, "costMicroUsd" bigint, "latencyMs" integer, "firstByteMs" integer, "errorCode" text, at timestamptz)
  ON CONFLICT DO NOTHING`;

export function createUsageMeter({ database, logger, retryMs = 500 }: UsageMeterOptions): UsageMeter {
  const pending: UsageRow[] = [];
  let writing: Promise<void> | null = null;

  const write = async (batch: readonly UsageRow[]): Promise<void> => {
    const [{ tenantId } = { tenantId: '' }] = batch;
    await database.withTenantSql(tenantId, (sql) => sql.query({ name: 'record-usage', text: INSERT, values: [JSON.stringify(batch)] }));
  };
  const writeAll = async (): Promise<void> => {
    while (pending.length > 0) {
      const batch = nextBatch(pending);
      try {
        await write(batch);
        pending.splice(0, batch.length);
      } catch (error) {
        if (isBadRow(error)) {
          // Written again it would fail again and hold up all others.
          logger.error({ err: error, rows: batch.map(({ id }) => id) }, 'usage rows were refused by the database');
          pending.splice(0, batch.length);
        } else {
          logger.warn({ err: error, pending: pending.length }, 'usage cannot be written now');
          await sleep(retryMs);
        }
      }
    }
  };

  const start = (): void => {
    if (pending.length === 0) return;
    writing ??= writeAll().then(() => {
      writing = null;
      // A row may have come between the last look and here.
      start();
    });
  };
  const written = async (): Promise<'written'> => {
    while (writing) await writing;
    return 'written';
  };

  return {
    record: (row) => {
      if (pending.length >= MAX_PENDING) return logger.error({ instanceId: row.instanceId }, 'too much usage waits to be written; a row is lost');
      pending.push(row);
      start();
    },
    drain: async (timeoutMs) => {
      const stop = new AbortController();
      const late = sleep(timeoutMs, 'late' as const, { signal: stop.signal }).catch(() => 'stopped' as const);
      const result = await Promise.race([written(), late]);
      stop.abort();
      if (result === 'late') throw new Error(`${pending.length} usage rows could not be written in time`);
    },
  };
}

/** The longest run of one tenant at the head: a transaction sees one tenant only. */
function nextBatch(pending: readonly UsageRow[]): readonly UsageRow[] {
  const end = pending.findIndex((row, index) => index >= BATCH || row.tenantId !== pending[0]?.tenantId);
  return pending.slice(0, end < 0 ? undefined : end);
}

/** PostgreSQL's classes for bad values and broken constraints. */
function isBadRow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^(22|23)...$/.test(String(error.code));
}
