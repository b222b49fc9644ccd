/** Sums over usage rows; PostgreSQL answers its 64-bit sums as text. */
export interface TotalsRow {
  readonly requests: string;
  readonly errors: string;
  readonly prompt_tokens: string;
  readonly completion_tokens: string;
  readonly cost_micro_usd: string;
}

export interface UsageRecordRow {
  readonly at: Date;
  readonly provider: string;
  readonly model: string;
  readonly status: number;
  readonly streamed: boolean;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cost_micro_usd: string;
  readonly latency_ms: number;
  readonly first_byte_ms: number | null;
  readonly error_code: string | null;
}

/** Sums as the API answers them, money in micro-dollars. */
export function presentTotals(row: TotalsRow) {
  return {
    requests: Number(row.requests),
    promptTokens: Number(row.prompt_tokens),
    completionTokens: Number(row.completion_tokens),
    costMicroUsd: Number(row.cost_micro_usd),
    errors: Number(row.errors),
  };
}

export function presentUsageRecord(row: UsageRecordRow) {
  return {
    at: row.at.toISOString(),
    provider: row.provider,
    model: row.model,
    status: row.status,
    streamed: row.streamed,
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    costMicroUsd: Number(row.cost_micro_usd),
    latencyMs: row.latency_ms,
    firstByteMs: row.first_byte_ms,
    errorCode: row.error_code,
  };
}
