import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelPath } from '../../activities/clients/litellm/client.ts';
import { readRequest, upstreamBody } from './request-body.ts';

const routing = { model: 'openai/gpt-4o', api_key: 'sk-provider', api_base: 'https://provider.example/v1' };

describe('the body for LiteLLM', () => {
  it('is routed by the gateway alone, whatever fields the client invents', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(...Object.values(ModelPath)), (invented, path) => {
        const request = readRequest(path, {
          stream: false,
          ...invented,
          model: 'acme/m',
          ...('stream' in invented ? { stream: false } : {}),
          stream_options: null,
        });
        expect(upstreamBody(path, request, routing)).toMatchObject(routing);
      }),
    );
  });

  it.each([
    'api_base',
    'base_url',
    'api_key',
    'mock_response',
    'fallbacks',
    'extra_headers',
    'headers',
    'metadata',
    'litellm_metadata',
    'model_list',
    'num_retries',
    'custom_llm_provider',
    'extra_body',
  ])('never carries the client’s %s', (field) => {
    const request = readRequest(ModelPath.chatCompletions, { model: 'acme/m', messages: [], [field]: 'client' });
    expect(Object.values(upstreamBody(ModelPath.chatCompletions, request, routing))).not.toContain('client');
  });

  it('asks for the usage of a stream even when the client did not, and remembers that', () => {
    const request = readRequest(ModelPath.chatCompletions, { model: 'acme/m', messages: [], stream: true });
    expect(request.wantsUsage).toBe(false);
    expect(upstreamBody(ModelPath.chatCompletions, request, routing)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('has no options of a stream when there is none, which providers refuse', () => {
    const request = readRequest(ModelPath.chatCompletions, { model: 'acme/m', messages: [], stream_options: { include_usage: true } });
    expect(upstreamBody(ModelPath.chatCompletions, request, routing)).not.toHaveProperty('stream_options');
  });
});
