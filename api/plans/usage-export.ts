import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { UsageRow } from './plan.schema.ts';

export interface Period {
  readonly from: Date;
  readonly to: Date;
}

const DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** The period that was asked for; from the first of this month (UTC) to now without one. Throws VALIDATION_FAILED for a wrong or too long one. */
export function periodOf({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }, now = new Date()): Period {
  const period = { from: from ? new Date(from) : new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())), to: to ? new Date(to) : now };
  const days = (period.to.getTime() - period.from.getTime()) / DAY_MS;
  if (days >= 0 && days <= DAYS_MAX) return period;
  const message = days < 0 ? 'must not be after the end' : `must be at most ${DAYS_MAX} days before the end`;
  throw new Failure('VALIDATION_FAILED', 'That is no period.', { errors: [{ path: '/query/from', message }] });
}

/** Model usage of the tenant as which `sql` runs, by day (UTC), claw and model; destroyed claws included. */
export async function readUsage(sql: pg.ClientBase, { from, to }: Period): Promise<UsageRow[]> {
  const { rows } = await sql.query<Record<keyof UsageRow, string>>(
    `SELECT to_char(u.at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, u.project_id AS "projectId", j.name AS project, u.instance_id AS "instanceId", i.name AS instance,
       u.provider, u.model, count(*) AS requests, count(*) FILTER (WHERE u.status >= 400 AND u.status <> 499) AS errors, sum(u.prompt_tokens) AS "promptTokens",
       sum(u.completion_tokens) AS "completionTokens", sum(u.cost_micro_usd) AS "costMicroUsd"
     FROM usage_record u LEFT JOIN instance i ON i.id = u.instance_id LEFT JOIN project j ON j.id = u.project_id
     WHERE u.at >= $1 AND u.at < $2 GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 4, 6, 7`,
    [from, to],
  );
  return rows.map(({ day, projectId, project, instanceId, instance, provider, model, ...sums }) => ({
    day,
    projectId,
    project,
    instanceId,
    instance,
    provider,
    model,
    requests: Number(sums.requests),
    errors: Number(sums.errors),
    promptTokens: Number(sums.promptTokens),
    completionTokens: Number(sums.completionTokens),
    costMicroUsd: Number(sums.costMicroUsd),
  }));
}

const COLUMNS = [
  'day',
  'projectId',
  'project',
  'instanceId',
  'instance',
  'provider',
  'model',
  'requests',
  'errors',
  'promptTokens',
  'completionTokens',
  'costMicroUsd',
] as const satisfies readonly (keyof UsageRow)[];

/** RFC 4180 with a line of headings. */
export function usageCsv(rows: readonly UsageRow[]): string {
  return [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))].map((line) => `${line}\r\n`).join('');
}

/** Claws choose the words they call models by: what a spreadsheet would take for a formula is marked as text. */
function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
