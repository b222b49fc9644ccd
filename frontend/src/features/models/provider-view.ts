import type { ProviderKind, ProviderState } from '../../../../workflows/contracts/model.ts';
import type { Tone } from '../instances/status-view.ts';

export const PROVIDER_TONES: Readonly<Record<ProviderState, Tone>> = { verified: 'success', verifying: 'info', failed: 'error', unverified: 'neutral' };

/** What people have to know to add a provider of a kind: product names stay as they are in every language. */
export interface ProviderKindInfo {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly needsKey: boolean;
  readonly needsUrl: boolean;
  readonly exampleModel: string;
  readonly exampleUrl: string;
}

/** Every kind of provider, in the order of the form. */
export const PROVIDER_KINDS: readonly ProviderKindInfo[] = [
  { kind: 'openai', name: 'OpenAI', needsKey: true, needsUrl: false, exampleModel: 'gpt-5', exampleUrl: 'https://api.openai.com/v1' },
  { kind: 'anthropic', name: 'Anthropic', needsKey: true, needsUrl: false, exampleModel: 'claude-sonnet-4-5', exampleUrl: 'https://api.anthropic.com' },
  { kind: 'gemini', name: 'Google Gemini', needsKey: true, needsUrl: false, exampleModel: 'gemini-2.5-pro', exampleUrl: '' },
  {
    kind: 'openrouter',
    name: 'OpenRouter',
    needsKey: true,
    needsUrl: false,
    exampleModel: 'meta-llama/llama-3.3-70b-instruct',
    exampleUrl: 'https://openrouter.ai/api/v1',
  },
  { kind: 'ollama', name: 'Ollama', needsKey: false, needsUrl: true, exampleModel: 'llama3.2', exampleUrl: 'http://127.0.0.1:11434' },
  { kind: 'hosted_vllm', name: 'vLLM', needsKey: false, needsUrl: true, exampleModel: 'qwen3-32b', exampleUrl: 'http://10.0.0.5:8000/v1' },
];

/** The entry of a kind. */
export function kindInfo(kind: ProviderKind): ProviderKindInfo {
  const found = PROVIDER_KINDS.find((entry) => entry.kind === kind);
  if (found === undefined) throw new Error(`unknown provider kind ${kind}`);
  return found;
}
