import { isPlainObject } from '../../activities/adapters/canonical.ts';
import { ModelPath } from '../../activities/clients/litellm/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL } from '../../workflows/contracts/model.ts';

/** What the gateway reads of a request before it knows the model. */
export interface ReadRequest {
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for the trailing usage chunk of a chat stream. */
  readonly wantsUsage: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The parameters of OpenAI, and of vendors behind the same interface, that pass. LiteLLM knows many fields more that would choose
 * another key, address or answer (`api_base`, `fallbacks`, `mock_response`, …) and gains new ones, so this lists what passes.
 */
const PASSING: Readonly<Record<ModelPath, readonly string[]>> = {
  [ModelPath.chatCompletions]: [
    'messages',
    'audio',
    'frequency_penalty',
    'function_call',
    'functions',
    'logit_bias',
    'logprobs',
    'max_completion_tokens',
    'max_tokens',
    'modalities',
    'n',
    'parallel_tool_calls',
    'prediction',
    'presence_penalty',
    'prompt_cache_key',
    'reasoning_effort',
    'response_format',
    'seed',
    'service_tier',
    'stop',
    'store',
    'stream',
    'stream_options',
    'temperature',
    'thinking',
    'tool_choice',
    'tools',
    'top_k',
    'top_logprobs',
    'top_p',
    'user',
    'verbosity',
    'web_search_options',
    'min_p',
    'repetition_penalty',
    'chat_template_kwargs',
  ],
  [ModelPath.responses]: [
    'input',
    'background',
    'conversation',
    'include',
    'instructions',
    'max_output_tokens',
    'max_tool_calls',
    'parallel_tool_calls',
    'previous_response_id',
    'prompt',
    'prompt_cache_key',
    'reasoning',
    'service_tier',
    'store',
    'stream',
    'temperature',
    'text',
    'tool_choice',
    'tools',
    'top_logprobs',
    'top_p',
    'truncation',
    'user',
  ],
  [ModelPath.embeddings]: ['input', 'dimensions', 'encoding_format', 'user'],
};

/** Reads what every request must have. Throws Failure MALFORMED_REQUEST or VALIDATION_FAILED. */
export function readRequest(path: ModelPath, body: unknown): ReadRequest {
  if (!isPlainObject(body)) throw new Failure('MALFORMED_REQUEST', 'The body must be a JSON object.');
  const { model, stream, stream_options: streamOptions } = body;
  if (typeof model !== 'string' || model === '') throw wrong('/model', 'must be the name of a model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') throw wrong('/stream', 'must be true or false');
  if (streamOptions !== undefined && streamOptions !== null && !isPlainObject(streamOptions)) throw wrong('/stream_options', 'must be an object');
  if (model === DEMO_MODEL && path === ModelPath.embeddings) throw wrong('/model', 'the demo model does not embed');
  if (model === DEMO_MODEL && path === ModelPath.responses && stream) throw wrong('/stream', 'the demo model streams on /v1/chat/completions only');
  return {
    model,
    stream: stream === true && path !== ModelPath.embeddings,
    wantsUsage: isPlainObject(streamOptions) && streamOptions.include_usage === true,
    body,
  };
}

/** The body for LiteLLM: what passes of the client's own, and the routing that the gateway decided on. */
export function upstreamBody(path: ModelPath, request: ReadRequest, routing: Readonly<Record<string, string>>): Record<string, unknown> {
  const passed = Object.fromEntries(PASSING[path].filter((name) => Object.hasOwn(request.body, name)).map((name) => [name, request.body[name]]));
  const metered = path === ModelPath.chatCompletions && request.stream;
  if (!request.stream) delete passed.stream_options;
  if (metered) passed.stream_options = { include_usage: true };
  return { ...passed, ...routing };
}

function wrong(path: string, message: string): Failure {
  return new Failure('VALIDATION_FAILED', `${path} ${message}.`, { errors: [{ path, message }] });
}
