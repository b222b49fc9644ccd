import { describe, expect, it } from 'vitest';
import { microUsd, readTokenCount } from './token-count.ts';

describe('counting what a request cost', () => {
  it('reads chat, responses and embeddings alike', () => {
    expect(readTokenCount({ prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 })).toEqual({ promptTokens: 12, completionTokens: 5, costMicroUsd: 0 });
    expect(readTokenCount({ input_tokens: 7, output_tokens: 4, cost: 3.45e-6 })).toEqual({ promptTokens: 7, completionTokens: 4, costMicroUsd: 3 });
    expect(readTokenCount({ prompt_tokens: 3, total_tokens: 3 })).toEqual({ promptTokens: 3, completionTokens: 0, costMicroUsd: 0 });
  });

  it('never counts what is not a number of at least nothing', () => {
    expect(readTokenCount({ prompt_tokens: -4, completion_tokens: 'many', cost: null })).toEqual({ promptTokens: 0, completionTokens: 0, costMicroUsd: 0 });
    for (const nothing of [null, undefined, 'usage', 7]) expect(readTokenCount(nothing)).toBeNull();
  });

  it('turns dollars into whole micro-dollars', () => {
    expect(['4.8e-06', 0.25, '', undefined, 'free', Number.POSITIVE_INFINITY].map(microUsd)).toEqual([5, 250_000, 0, 0, 0, 0]);
  });
});
