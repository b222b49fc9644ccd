import { describe, expect, it } from 'vitest';
import { readModelProblem, readStreamProblem } from './problem.ts';

const context = { provider: 'acme', model: 'gpt-x', secrets: ['sk-secret', null] };

function problem(status: number, message: string, type = 'x') {
  return readModelProblem(status, {}, JSON.stringify({ error: { message, type } }), context);
}

describe('what a person reads when a model request failed', () => {
  it('is the provider’s own sentence without LiteLLM’s words around it', () => {
    const raw =
      "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect key.\n\nLiteLLM: model group 'openai/gpt-x' failed with the error above. No fallback was attempted.";
    expect(problem(401, raw).message).toBe('The provider acme refused its credential. It says: Incorrect key.');
  });

  it('is the inner sentence when the whole document of the provider was passed on', () => {
    const raw = 'litellm.AuthenticationError: AuthenticationError: OpenAIException - {"error":{"message":"Incorrect key.","type":"y"}}';
    expect(problem(401, raw).message).toMatch(/It says: Incorrect key\.$/);
  });

  it('never holds a secret, wherever the provider puts it', () => {
    expect(problem(401, 'Wrong: sk-secret, yes sk-secret!').message).toContain('Wrong: [hidden], yes [hidden]!');
    expect(readStreamProblem({ message: 'sk-secret' }, context).message).not.toContain('sk-secret');
  });

  it('is bounded, whatever the provider sends', () => {
    expect(problem(500, 'x'.repeat(100_000)).message.length).toBeLessThan(600);
  });

  it('is a sentence even when nothing readable came', () => {
    for (const body of ['', '<html>', 'null', '{}', '{"error":null}']) {
      expect(readModelProblem(502, {}, body, context).message).toBe('The provider acme does not answer as it should.');
    }
  });
});

describe('an address that does not answer', () => {
  it('is named without the objects of the translator’s HTTP client', () => {
    const raw = 'litellm.InternalServerError: Cannot connect to host nowhere.example:443 ssl:<ssl.SSLContext object at 0x7f00> [Name or service not known]';
    expect(problem(500, raw).message).toMatch(/It says: Cannot connect to host nowhere\.example:443 \[Name or service not known\]$/);
  });
});

describe('the code of a model problem', () => {
  it.each([
    [400, 'VALIDATION_FAILED'],
    [401, 'PROVIDER_CREDENTIAL_INVALID'],
    [403, 'PROVIDER_CREDENTIAL_INVALID'],
    [404, 'MODEL_UNKNOWN'],
    [408, 'TIMEOUT'],
    [429, 'RATE_LIMITED'],
    [500, 'MODEL_UNAVAILABLE'],
    [503, 'MODEL_UNAVAILABLE'],
    [504, 'TIMEOUT'],
  ])('of a %i is %s', (status, code) => {
    expect(problem(status, 'no').code).toBe(code);
  });

  it('is MODEL_UNAVAILABLE when LiteLLM refuses the platform’s own key, which is not the provider’s fault', () => {
    const failure = problem(400, 'No connected db.', 'no_db_connection');
    expect(failure.code).toBe('MODEL_UNAVAILABLE');
    expect(failure.message).not.toContain('acme');
  });

  it('is read from an error event whose stream began with 200', () => {
    expect(readStreamProblem({ message: 'slow down', code: '429' }, context).code).toBe('RATE_LIMITED');
  });

  it('keeps how long the provider asks to wait', () => {
    expect(readModelProblem(429, { 'retry-after': '7' }, '{}', context).details.retryAfter).toBe('7');
  });

  it('is read from the first event when the answer to a failed stream has the form of one', () => {
    const body = 'data: {"error": {"message": "Error processing stream start", "code": "500"}}\n\ndata: [DONE]\n\n';
    expect(readModelProblem(500, {}, body, context).message).toContain('Error processing stream start');
  });
});
