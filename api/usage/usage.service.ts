import type pg from 'pg';
import type { z } from 'zod';
import { Failure } from '../../workflows/contracts/failures.ts';
import { presentTotals, presentUsageRecord, type TotalsRow, type UsageRecordRow } from './usage.presenter.ts';
import type { instanceUsage, overview } from './usage.schema.ts';

const RECENT = 50;
const HOURS = 24;

/** A request failed when its answer is not 2xx; a client that went away is its own choice. */
const SUMS = `count(*) AS requests, count(*) FILTER (WHERE status >= 400 AND status <> 499) AS errors, coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
  coalesce(sum(completion_tokens), 0) AS completion_tokens, coalesce(sum(cost_micro_usd), 0) AS cost_micro_usd`;

/** Sums of the last 24 hours and the newest requests of one instance, destroyed ones included. Throws NOT_FOUND. */
export async function readInstanceUsage(sql: pg.ClientBase, instanceId: string, now = new Date()): Promise<z.infer<typeof instanceUsage>> {
  const known = await sql.query('SELECT 1 FROM instance WHERE id = $1', [instanceId]);
  if (known.rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such instance.');
  const totals = await sql.query<TotalsRow>(`SELECT ${SUMS} FROM usage_record WHERE instance_id = $1 AND at > $2`, [instanceId, hoursBefore(now, HOURS)]);
  const recent = await sql.query<UsageRecordRow>(
    `SELECT at, provider, model, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, first_byte_ms, error_code
     FROM usage_record WHERE instance_id = $1 ORDER BY at DESC, id DESC LIMIT ${RECENT}`,
    [instanceId],
  );
  return { ...presentTotals(only(totals.rows)), recent: recent.rows.map(presentUsageRecord) };
}

/** The tenant at a glance. Hours are whole hours in UTC, oldest first, the last one still running; those without a request are there with zeros. */
export async function readOverview(sql: pg.ClientBase, now = new Date()): Promise<z.infer<typeof overview>> {
  const phases = await sql.query<{ phase: string; count: string }>(
    'SELECT phase, count(*) AS count FROM instance WHERE destroyed_at IS NULL GROUP BY phase ORDER BY phase',
  );
  const operations = await sql.query<{ running: string; retrying: string }>(
    `SELECT count(*) FILTER (WHERE state IN ('pending', 'running')) AS running, count(*) FILTER (WHERE state = 'retrying') AS retrying
     FROM operation WHERE state IN ('pending', 'running', 'retrying')`,
  );
  const lastHour = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000);
  const firstHour = hoursBefore(lastHour, HOURS - 1);
  const hourly = await sql.query<TotalsRow & { hour: Date }>(
    `SELECT date_trunc('hour', at, 'UTC') AS hour, ${SUMS} FROM usage_record WHERE at >= $1 AND at <= $2 GROUP BY hour ORDER BY hour`,
    [firstHour, now],
  );
  const used = new Map(hourly.rows.map((row) => [row.hour.getTime(), presentTotals(row)]));
  const hours = Array.from({ length: HOURS }, (_, index) => new Date(firstHour.getTime() + index * 3_600_000));
  return {
    instances: { byPhase: Object.fromEntries(phases.rows.map(({ phase, count }) => [phase, Number(count)])) },
    operations: { running: Number(operations.rows[0]?.running ?? 0), retrying: Number(operations.rows[0]?.retrying ?? 0) },
    usage24h: { ...sumOf([...used.values()]), hourly: hours.map((at) => ({ at: at.toISOString(), ...hourOf(used.get(at.getTime())) })) },
  };
}

type Totals = ReturnType<typeof presentTotals>;

const NOTHING: Totals = { requests: 0, promptTokens: 0, completionTokens: 0, costMicroUsd: 0, errors: 0 };

function sumOf(all: readonly Totals[]): Totals {
  return all.reduce(
    (sum, one) => ({
      requests: sum.requests + one.requests,
      promptTokens: sum.promptTokens + one.promptTokens,
      completionTokens: sum.completionTokens + one.completionTokens,
      costMicroUsd: sum.costMicroUsd + one.costMicroUsd,
      errors: sum.errors + one.errors,
    }),
    NOTHING,
  );
}

function hourOf({ requests, errors, costMicroUsd }: Totals = NOTHING) {
  return { requests, errors, costMicroUsd };
}

function hoursBefore(at: Date, hours: number): Date {
  return new Date(at.getTime() - hours * 3_600_000);
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (!row) throw new Error('an aggregate answered no row');
  return row;
}
