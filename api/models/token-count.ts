/** What a request cost. `costMicroUsd` is 0 where LiteLLM knows no price. */
export interface TokenCount {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number;
}

export const NO_TOKENS: TokenCount = { promptTokens: 0, completionTokens: 0, costMicroUsd: 0 };

/** Reads the `usage` object of chat, embeddings (`prompt_tokens`, …) or responses (`input_tokens`, …), with the cost LiteLLM may add to it. */
export function readTokenCount(usage: unknown): TokenCount | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const { prompt_tokens, completion_tokens, input_tokens, output_tokens, cost } = usage as Record<string, unknown>;
  return { promptTokens: count(prompt_tokens ?? input_tokens), completionTokens: count(completion_tokens ?? output_tokens), costMicroUsd: microUsd(cost) };
}

/** Dollars as LiteLLM writes them (`4.8e-06`, a number or a header) in whole micro-dollars; 0 for anything else. */
export function microUsd(dollars: unknown): number {
  return count(Number(dollars ?? 0) * 1_000_000);
}

function count(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) && number > 0 ? Math.round(number) : 0;
}
