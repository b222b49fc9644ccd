import { FAILURES, Failure } from '../../workflows/contracts/failures.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { toFailure } from '../http/problem.ts';

/** An error as OpenAI's clients read it; `code` and `nextStep` are ours. */
export interface OpenAiError {
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string; readonly nextStep: string };
}

/** The document for a client. Its message holds the next step too, because most clients print nothing else. */
export function openAiError(failure: Failure): OpenAiError {
  const { message, code, nextStep } = failure;
  return {
    error: {
      message: `${message} ${nextStep}`,
      type: errorType(FAILURES[code].status),
      param: failure.details.errors?.[0]?.path.slice(1) ?? null,
      code,
      nextStep,
    },
  };
}

/** Anything that was thrown while a request was served, as a Failure. */
export function asFailure(error: unknown): Failure {
  if (typeof error === 'object' && error !== null && 'type' in error && error.type === 'entity.too.large') {
    return new Failure('PAYLOAD_TOO_LARGE', `A model request may have at most ${Limits.modelRequestBodyBytes} bytes.`);
  }
  return toFailure(error);
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
