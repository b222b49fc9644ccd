import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { LiteLlmClient, ModelAnswer, ModelPath } from '../../activities/clients/litellm/client.ts';
import { routingFields } from '../../activities/clients/litellm/model-name.ts';
import { type ProblemContext, readModelProblem, readStreamProblem } from '../../activities/clients/litellm/problem.ts';
import { FAILURES, Failure, type FailureCode } from '../../workflows/contracts/failures.ts';
import { DEMO_MODEL } from '../../workflows/contracts/model.ts';
import { errorEvent, watchEvents } from './event-stream.ts';
import type { FoundModel, ModelDirectory, ModelScope } from './model-directory.ts';
import { asFailure } from './openai-error.ts';
import { type ReadRequest, upstreamBody } from './request-body.ts';
import { microUsd, NO_TOKENS, readTokenCount, type TokenCount } from './token-count.ts';

/** What came of a request, filled while it runs. `status` 499: the client went away. */
export interface Outcome {
  provider: string;
  model: string;
  /** Whether provider and model are such as are configured, and not just the caller's words. */
  found: boolean;
  status: number;
  firstByteMs: number | null;
  tokens: TokenCount;
  errorCode: FailureCode | null;
}

export interface Exchange {
  readonly scope: ModelScope;
  readonly path: ModelPath;
  readonly read: ReadRequest;
  readonly response: Response;
  readonly outcome: Outcome;
  /** Milliseconds since the request arrived. */
  readonly elapsed: () => number;
}

export interface ExchangeDeps {
  readonly directory: ModelDirectory;
  readonly liteLlm: LiteLlmClient;
}

/** What nginx calls it: the client closed the connection before the answer was complete. */
export const CLIENT_GONE = 499;
const ERROR_BYTES = 256 * 1024;
const ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Forwards one request and answers it. Throws a Failure while nothing was answered yet; afterwards an error ends the stream with an
 * error event. When the client goes away the request is cancelled at the provider.
 */
export async function exchange(deps: ExchangeDeps, { scope, path, read, response, outcome, elapsed }: Exchange): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  try {
    const found = await deps.directory.resolve(scope, read.model);
    Object.assign(outcome, { provider: found.provider, model: found.model, found: true });
    const context = problemContext(found);
    const answer = await deps.liteLlm.send({ path, body: upstreamBody(path, read, routingFields(found.target, path)), signal: gone.signal });
    outcome.firstByteMs = elapsed();
    if (answer.status >= 400) throw readModelProblem(answer.status, answer.headers, await readText(answer, ERROR_BYTES), context);
    outcome.status = answer.status;
    if (String(answer.headers['content-type']).startsWith('text/event-stream')) await passStream(answer, read, response, outcome, context);
    else await passJson(answer, response, outcome);
    if (found.target.kind === DEMO_MODEL) outcome.tokens = { ...outcome.tokens, costMicroUsd: 0 };
  } catch (error) {
    if (!gone.signal.aborted || response.writableFinished) throw error;
    Object.assign(outcome, { status: CLIENT_GONE, errorCode: 'CANCELLED' satisfies FailureCode });
  } finally {
    response.off('close', leave);
  }
}

function problemContext({ provider, model, target }: FoundModel): ProblemContext {
  return { provider, model, secrets: target.kind === DEMO_MODEL ? [] : [target.apiKey] };
}

async function passJson(answer: ModelAnswer, response: Response, outcome: Outcome): Promise<void> {
  const text = await readText(answer, ANSWER_BYTES);
  const tokens = readTokenCount(readUsage(text)) ?? NO_TOKENS;
  outcome.tokens = { ...tokens, costMicroUsd: microUsd(answer.headers['x-litellm-response-cost']) || tokens.costMicroUsd };
  response.status(answer.status).type('application/json').send(text);
}

async function passStream(answer: ModelAnswer, read: ReadRequest, response: Response, outcome: Outcome, context: ProblemContext): Promise<void> {
  const fail = (failure: Failure) => {
    Object.assign(outcome, { errorCode: failure.code, status: FAILURES[failure.code].status });
    return failure;
  };
  const events = watchEvents(answer.body, {
    showUsage: read.wantsUsage,
    onTokens: (tokens) => {
      outcome.tokens = tokens;
    },
    onError: (error) => fail(readStreamProblem(error, context)),
  });
  // no-transform keeps compression away, which would hold small events back.
  response
    .status(answer.status)
    .set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
    .flushHeaders();
  await pipeline(
    endWithError(events, (error) => fail(streamFailure(error))),
    response,
  );
}

/** The provider's connection may break in the middle; the client then gets an event that says so, not a cut. */
async function* endWithError(events: AsyncIterable<string>, toFailure: (error: unknown) => Failure): AsyncGenerator<string> {
  try {
    yield* events;
  } catch (error) {
    yield errorEvent(toFailure(error));
  }
}

function streamFailure(error: unknown): Failure {
  const failure = asFailure(error);
  return failure.code === 'TIMEOUT' ? failure : new Failure('MODEL_UNAVAILABLE', 'The model service broke off in the middle of the answer.');
}

async function readText({ body }: ModelAnswer, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += (part as Buffer).length;
      if (bytes > maxBytes) throw new Failure('MODEL_UNAVAILABLE', 'The answer of the model is too large.');
      parts.push(part as Buffer);
    }
  } catch (error) {
    throw error instanceof Failure ? error : streamFailure(error);
  }
  return Buffer.concat(parts).toString();
}

function readUsage(text: string): unknown {
  try {
    return (JSON.parse(text) as { usage?: unknown }).usage;
  } catch {
    return null;
  }
}
