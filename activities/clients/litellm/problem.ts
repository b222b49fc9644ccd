import type { IncomingHttpHeaders } from 'node:http';
import { Failure, type FailureCode } from '../../../workflows/contracts/failures.ts';

export interface ProblemContext {
  /** Name of the provider as the tenant knows it; `demo` for the built-in model. */
  readonly provider: string;
  readonly model: string;
  /** Values that must not appear in the sentence, whatever the provider echoes. */
  readonly secrets: readonly (string | null)[];
}

const MESSAGE_CHARACTERS = 400;
/** Types of error by which LiteLLM speaks of its own key, not of the provider's. */
const OWN_KEY_TYPES = ['no_db_connection', 'auth_error', 'token_not_found_in_db'];

const CODES: Readonly<Record<number, FailureCode>> = {
  400: 'VALIDATION_FAILED',
  401: 'PROVIDER_CREDENTIAL_INVALID',
  403: 'PROVIDER_CREDENTIAL_INVALID',
  404: 'MODEL_UNKNOWN',
  408: 'TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  422: 'VALIDATION_FAILED',
  429: 'RATE_LIMITED',
  504: 'TIMEOUT',
};

/** Turns an answer of LiteLLM that is not 2xx into a Failure whose sentence names the provider and holds no secret. */
export function readModelProblem(status: number, headers: IncomingHttpHeaders, body: string, context: ProblemContext): Failure {
  const { message, type } = readError(body);
  if (OWN_KEY_TYPES.includes(type)) {
    return new Failure('MODEL_UNAVAILABLE', 'The model service refuses the key of the platform.', { nextStep: 'Ask an operator to check LITELLM_MASTER_KEY.' });
  }
  return modelFailure(CODES[status] ?? 'MODEL_UNAVAILABLE', message, context, headers['retry-after']);
}

/** The same for an error that arrives inside a stream whose status was 200; `code` is what stands in the error object. */
export function readStreamProblem(error: { readonly message?: unknown; readonly code?: unknown }, context: ProblemContext): Failure {
  return modelFailure(CODES[Number(error.code)] ?? 'MODEL_UNAVAILABLE', String(error.message ?? ''), context);
}

function modelFailure(code: FailureCode, raw: string, context: ProblemContext, retryAfter?: string): Failure {
  const said = clean(raw, context.secrets);
  const { sentence, nextStep } = explain(code, context);
  return new Failure(code, said ? `${sentence} It says: ${said}` : sentence, { ...(nextStep ? { nextStep } : {}), ...(retryAfter ? { retryAfter } : {}) });
}

function explain(code: FailureCode, { provider, model }: ProblemContext): { sentence: string; nextStep?: string } {
  switch (code) {
    case 'PROVIDER_CREDENTIAL_INVALID':
      return { sentence: `The provider ${provider} refused its credential.`, nextStep: 'Remove the provider and add it again with a valid credential.' };
    case 'MODEL_UNKNOWN':
      return { sentence: `The provider ${provider} does not know the model ${model}.`, nextStep: 'Check the names of the models of this provider.' };
    case 'RATE_LIMITED':
      return { sentence: `The provider ${provider} limits requests now.`, nextStep: 'Wait a little, or raise the limit at the provider.' };
    case 'TIMEOUT':
      return { sentence: `The model ${model} of ${provider} took too long.` };
    case 'VALIDATION_FAILED':
    case 'PAYLOAD_TOO_LARGE':
      return { sentence: `The provider ${provider} refused the request.` };
    default:
      return { sentence: `The provider ${provider} does not answer as it should.`, nextStep: 'Check that the provider and its base URL work, then try again.' };
  }
}

/** LiteLLM answers `{"error":{message,type,…}}`, after a failed start of a stream as an event of one. */
function readError(body: string): { message: string; type: string } {
  try {
    const parsed = JSON.parse(body.replace(/^data: /, '').split('\n\ndata:')[0] ?? '') as { error?: { message?: unknown; type?: unknown } };
    return { message: String(parsed.error?.message ?? ''), type: String(parsed.error?.type ?? '') };
  } catch {
    return { message: '', type: '' };
  }
}

/** What the provider said, without LiteLLM's own words around it. */
function clean(raw: string, secrets: readonly (string | null)[]): string {
  const said = raw
    .replace(/\n\nLiteLLM: [\s\S]*$/, '')
    .replace(/^(\s*(litellm\.)?\w+(Error|Exception):?( -)?\s+)+/, '')
    .replace(/^\w+Exception - /, '')
    // Python's HTTP client prints the object that holds its TLS settings.
    .replace(/ ssl:(<[^>]*>|\w+)/g, '');
  // Some interfaces of LiteLLM pass the provider's whole document on.
  let text = said.startsWith('{') ? readError(said).message || said : said;
  for (const secret of secrets) if (secret) text = text.replaceAll(secret, '[hidden]');
  return text.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_CHARACTERS);
}
