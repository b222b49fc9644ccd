import { DEMO_MODEL, ProviderKind } from '../../../workflows/contracts/model.ts';
import { ModelPath } from './client.ts';

/** Where a model lives: a provider with its opened credential, or the demo. `apiKey` is a secret. */
export type ModelTarget =
  | { readonly kind: typeof DEMO_MODEL }
  | { readonly kind: ProviderKind; readonly model: string; readonly baseUrl: string | null; readonly apiKey: string | null };

/** The fields by which LiteLLM finds the model: its own name for it, and the provider's key and address. */
export function routingFields(target: ModelTarget, path: ModelPath): Readonly<Record<string, string>> {
  if (target.kind === DEMO_MODEL) return { model: DEMO_MODEL };
  return {
    model: `${prefix(target.kind, path)}/${target.model}`,
    // LiteLLM would take an absent key from its own environment; a placeholder says that there is none.
    api_key: target.apiKey ?? 'none',
    ...(target.baseUrl ? { api_base: target.baseUrl } : {}),
  };
}

/** LiteLLM's `ollama` speaks an older interface without tools; its chat has a prefix of its own. */
function prefix(kind: ProviderKind, path: ModelPath): string {
  return kind === ProviderKind.ollama && path !== ModelPath.embeddings ? 'ollama_chat' : kind;
}
