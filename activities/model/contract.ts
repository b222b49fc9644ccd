import type { ProviderVerdict, ProviderVerification } from '../../workflows/contracts/model.ts';

export interface ModelActivities {
  /**
   * Makes a real, tiny call to every model of the provider through LiteLLM (the first ten). Changes nothing. Throws Failure
   * MODEL_UNAVAILABLE while LiteLLM itself is away; what the provider answers is a verdict, not an error.
   */
  verifyProvider(input: ProviderVerification): Promise<ProviderVerdict>;
  /** Writes the verdict and its event, unless the provider is gone or has a later revision. Repeatable. */
  recordVerification(input: ProviderVerification & { readonly verdict: ProviderVerdict }): Promise<void>;
}
