import type { FailureView } from './failures.ts';

/** Providers a tenant can add; the value is LiteLLM's own prefix. `demo` needs no credential and exists always. */
export const ProviderKind = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  openrouter: 'openrouter',
  ollama: 'ollama',
  hostedVllm: 'hosted_vllm',
} as const;
export type ProviderKind = (typeof ProviderKind)[keyof typeof ProviderKind];

export const ProviderState = { unverified: 'unverified', verifying: 'verifying', verified: 'verified', failed: 'failed' } as const;
export type ProviderState = (typeof ProviderState)[keyof typeof ProviderState];

/** The model that answers without any provider and says so. */
export const DEMO_MODEL = 'demo';

/** Model names claws use: `<provider name>/<model>` of the tenant's providers, or `demo`. */
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string | null;
  readonly models: readonly string[];
  readonly state: ProviderState;
  readonly error: { readonly code: string; readonly message: string; readonly nextStep: string } | null;
  readonly credential: { readonly present: boolean };
  readonly verifiedAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Input of the workflow that verifies a provider. A later revision makes an earlier verification void. */
export interface ProviderVerification {
  readonly tenantId: string;
  readonly providerId: string;
  readonly revision: number;
  /** W3C traceparent of the request that asked for it, while that is traced. */
  readonly traceparent?: string;
}

/** What a verification found. `void`: the provider is gone or has a later revision. */
export type ProviderVerdict = { readonly state: 'verified' } | { readonly state: 'failed'; readonly error: FailureView } | { readonly state: 'void' };
