import { describe, expect, it } from 'vitest';
import { ModelPath } from './client.ts';
import { routingFields } from './model-name.ts';

describe('the fields by which LiteLLM finds a model', () => {
  it('name the kind and the model and carry the credential and the address', () => {
    const target = { kind: 'openai', model: 'gpt-4o', baseUrl: 'https://example.com/v1', apiKey: 'sk-1' } as const;
    expect(routingFields(target, ModelPath.chatCompletions)).toEqual({ model: 'openai/gpt-4o', api_key: 'sk-1', api_base: 'https://example.com/v1' });
  });

  it('always carry a key, so that LiteLLM never takes one from its own environment', () => {
    expect(routingFields({ kind: 'hosted_vllm', model: 'm', baseUrl: 'http://h', apiKey: null }, ModelPath.chatCompletions).api_key).toBe('none');
  });

  it('choose the interface of Ollama that knows tools, except for embeddings', () => {
    const target = { kind: 'ollama', model: 'llama3', baseUrl: 'http://h', apiKey: null } as const;
    expect(routingFields(target, ModelPath.chatCompletions).model).toBe('ollama_chat/llama3');
    expect(routingFields(target, ModelPath.embeddings).model).toBe('ollama/llama3');
  });

  it('are nothing but the name for the demo', () => {
    expect(routingFields({ kind: 'demo' }, ModelPath.chatCompletions)).toEqual({ model: 'demo' });
  });
});
