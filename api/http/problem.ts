import type { ErrorRequestHandler, Response } from 'express';
import { isDatabaseGone } from '../../activities/platform/database-gone.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import { FAILURES, Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { Problem } from './common.schema.ts';
import { contextOf } from './request-context.ts';

/** The problem document of a failure. */
export function problemOf(failure: Failure, requestId: string): Problem {
  const { title, status } = FAILURES[failure.code];
  const { operationId } = failure.details;
  return {
    type: `urn:clawloops:problem:${failure.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: failure.message,
    code: failure.code,
    requestId,
    errors: [...(failure.details.errors ?? [])],
    nextStep: failure.nextStep,
    ...(typeof operationId === 'string' ? { operationId } : {}),
  };
}

interface HttpError extends Error {
  readonly status?: number;
  readonly type?: string;
}

/** What the body parsers and the router of Express throw, in our words; null when it is none of theirs. */
function fromExpress(error: HttpError): Failure | null {
  if (error.type === 'entity.too.large') return new Failure('PAYLOAD_TOO_LARGE', `A body may have at most ${Limits.requestBodyBytes} bytes.`);
  if (error.type === 'entity.parse.failed') return new Failure('MALFORMED_REQUEST', 'The body is not well-formed JSON.');
  if (error.type === 'charset.unsupported' || error.type === 'encoding.unsupported')
    return new Failure('MALFORMED_REQUEST', 'The body has an encoding that is not understood; send UTF-8.');
  if (error.type === 'request.aborted' || error.type === 'request.size.invalid') return new Failure('MALFORMED_REQUEST', 'The body ended too early.');
  if (error.status !== undefined && error.status >= 400 && error.status < 500) return new Failure('MALFORMED_REQUEST', 'The request could not be read.');
  return null;
}

/** Every error becomes a Failure; what we did not foresee becomes INTERNAL. */
export function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  if (error instanceof Error) {
    const known = fromExpress(error);
    if (known) return known;
    if (isDatabaseGone(error)) return new Failure('DATABASE_UNAVAILABLE');
  }
  return new Failure('INTERNAL');
}

export function sendProblem(response: Response, failure: Failure): void {
  const body = problemOf(failure, contextOf(response).requestId);
  response.status(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** Last middleware: no stack and no foreign error text leaves the process. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const failure = toFailure(error);
    const { requestId } = contextOf(response);
    if (failure.code === 'INTERNAL') logger.error({ requestId, err: error }, 'request failed unexpectedly');
    else if (failure.code === 'DATABASE_UNAVAILABLE') logger.warn({ requestId, reason: (error as Error).message }, 'the database did not answer');
    if (response.headersSent) return next(error);
    if (failure.code === 'PAYLOAD_TOO_LARGE') {
      // Takes the rest of the upload in, so that the client comes to read the answer instead of a reset.
      response.setHeader('Connection', 'close');
      request.resume();
    }
    sendProblem(response, failure);
  };
}
