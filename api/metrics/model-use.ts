import type pg from 'pg';

/** What a claw used of models in some time, money in micro-dollars. */
export interface ModelUse {
  readonly requests: number;
  readonly errors: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number;
  readonly activeSeconds: number;
}

export const NO_USE: ModelUse = { requests: 0, errors: 0, promptTokens: 0, completionTokens: 0, costMicroUsd: 0, activeSeconds: 0 };

interface UseRow {
  readonly key: Date | string;
  readonly requests: string;
  readonly errors: string;
  readonly prompt_tokens: string;
  readonly completion_tokens: string;
  readonly cost_micro_usd: string;
  readonly active_seconds: string | null;
}

/** As the usage pages count: a client that went away is its own choice. */
const SUMS = `count(*) AS requests, count(*) FILTER (WHERE status >= 400 AND status <> 499) AS errors, coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
  coalesce(sum(completion_tokens), 0) AS completion_tokens, coalesce(sum(cost_micro_usd), 0) AS cost_micro_usd`;
const RUNNING = "tstzrange(at, at + latency_ms * interval '1 millisecond')";
/** No request is longer than this. */
const LONGEST = "interval '1 hour'";

/** Use of one claw per step, by the beginning of the step in milliseconds; steps without any are not there. `at` of a request is when it came. */
export async function useOverTime(
  sql: pg.ClientBase,
  instanceId: string,
  { from, to, stepSeconds }: { from: Date; to: Date; stepSeconds: number },
): Promise<ReadonlyMap<number, ModelUse>> {
  const { rows } = await sql.query<UseRow>({
    name: 'use-over-time',
    text: `WITH counted AS (
        SELECT date_bin(make_interval(secs => $4), at, 'epoch') AS key, ${SUMS}
        FROM usage_record WHERE instance_id = $1 AND at >= $2 AND at < $3 GROUP BY key),
      busy AS (SELECT range_agg(${RUNNING}) AS spans FROM usage_record WHERE instance_id = $1 AND at >= $2::timestamptz - ${LONGEST} AND at < $3),
      pieces AS (
        SELECT step AS key, sum(extract(epoch FROM least(upper(span), step + make_interval(secs => $4)) - greatest(lower(span), step))) AS active_seconds
        FROM busy, unnest(busy.spans) AS span,
          generate_series(greatest(date_bin(make_interval(secs => $4), lower(span), 'epoch'), $2::timestamptz), least(upper(span), $3::timestamptz - interval '1 millisecond'), make_interval(secs => $4)) AS step
        WHERE NOT isempty(span) GROUP BY step)
      SELECT key, coalesce(requests, 0) AS requests, coalesce(errors, 0) AS errors, coalesce(prompt_tokens, 0) AS prompt_tokens,
        coalesce(completion_tokens, 0) AS completion_tokens, coalesce(cost_micro_usd, 0) AS cost_micro_usd, active_seconds
      FROM counted FULL JOIN pieces USING (key)`,
    values: [instanceId, from, to, stepSeconds],
  });
  return new Map(rows.map((row) => [(row.key as Date).getTime(), presentUse(row)]));
}

/** Use of every claw of the tenant since a time, by instance id. */
export async function useByInstance(sql: pg.ClientBase, since: Date): Promise<ReadonlyMap<string, ModelUse>> {
  const { rows } = await sql.query<UseRow>({
    name: 'use-by-instance',
    text: `SELECT instance_id AS key, ${SUMS}, (SELECT sum(extract(epoch FROM upper(span) - lower(span))) FROM unnest(range_agg(${RUNNING})) AS span) AS active_seconds
      FROM usage_record WHERE at >= $1 GROUP BY instance_id`,
    values: [since],
  });
  return new Map(rows.map((row) => [String(row.key), presentUse(row)]));
}

export function addUse(all: Iterable<ModelUse>): ModelUse {
  let sum = NO_USE;
  for (const one of all) {
    sum = {
      requests: sum.requests + one.requests,
      errors: sum.errors + one.errors,
      promptTokens: sum.promptTokens + one.promptTokens,
      completionTokens: sum.completionTokens + one.completionTokens,
      costMicroUsd: sum.costMicroUsd + one.costMicroUsd,
      activeSeconds: sum.activeSeconds + one.activeSeconds,
    };
  }
  return sum;
}

function presentUse(row: UseRow): ModelUse {
  return {
    requests: Number(row.requests),
    errors: Number(row.errors),
    promptTokens: Number(row.prompt_tokens),
    completionTokens: Number(row.completion_tokens),
    costMicroUsd: Number(row.cost_micro_usd),
    activeSeconds: Math.round(Number(row.active_seconds ?? 0) * 1000) / 1000,
  };
}
