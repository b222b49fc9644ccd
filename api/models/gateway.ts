import { setTimeout as sleep } from 'node:timers/promises';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { type LiteLlmClient, ModelPath } from '../../activities/clients/litellm/client.ts';
import { newId } from '../../activities/platform/ids.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { FAILURES, Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { CLIENT_GONE, type ExchangeDeps, exchange, type Outcome } from './exchange.ts';
import { createModelDirectory, splitModelName } from './model-directory.ts';
import { createModelKeyCheck, type ModelCaller } from './model-key.ts';
import { asFailure, openAiError } from './openai-error.ts';
import { type ReadRequest, readRequest } from './request-body.ts';
import { NO_TOKENS } from './token-count.ts';
import { createUsageMeter, type UsageMeter } from './usage-meter.ts';

/** What claws call, OpenAI-compatible. Mount `router` at `/v1`, before any body parser or compression. */
export interface ModelGateway {
  readonly router: Router;
  /** Waits until running requests ended and their usage is written. To be called after the server closed and before the database does. Rejects when it takes longer than `timeoutMs`, default 8 s. */
  drain(timeoutMs?: number): Promise<void>;
  /** Waits, at most `timeoutMs`, until the calls of this claw that run in this process ended and their usage is written. Never rejects. */
  settled(instanceId: string, timeoutMs: number): Promise<void>;
}

export interface ModelGatewayDeps {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly liteLlm: LiteLlmClient;
  readonly logger: Logger;
  /** How long keys and providers are remembered, in milliseconds; a revoked key lives on that long. Default 2 s. */
  readonly cacheMs?: number;
  readonly now?: () => number;
  /** Told once of every call, when it is over. */
  readonly onCall?: (call: ModelCall) => void;
}

/** A call that is over. `target` is null when what it asked for was not found: those names are the caller's. Times in milliseconds. */
export interface ModelCall {
  readonly target: { readonly provider: string; readonly model: string } | null;
  readonly status: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly firstByteMs: number | null;
}

const NAME_CHARACTERS = 200;
const DRAIN_MS = 8_000;

const ROUTES = Object.values(ModelPath).map((path) => ({ path, route: path.slice('/v1'.length) }));

/** Composes the gateway; `liteLlm` stays the caller's to close. */
export function createModelGateway({
  database,
  secrets,
  liteLlm,
  logger,
  cacheMs,
  now = () => performance.now(),
  onCall = () => undefined,
}: ModelGatewayDeps): ModelGateway {
  const checkKey = createModelKeyCheck(database.pool, { cacheMs, now });
  const directory = createModelDirectory(database, secrets, { cacheMs, now });
  const meter = createUsageMeter({ database, logger });
  const running = new Map<Promise<void>, string>();
  const router = Router({ caseSensitive: true });
  router.use(async (request, response, next) => {
    response.locals.arrived = now();
    response.locals.caller = await checkKey(request.headers.authorization);
    next();
  });
  router.get('/models', async (_request, response) => {
    const models = await directory.list(caller(response));
    response.json({ object: 'list', data: models.map(({ id, provider }) => ({ id, object: 'model', created: 0, owned_by: provider })) });
  });
  // The key is checked first: nobody without one makes the gateway read megabytes.
  router.use(express.json({ limit: Limits.modelRequestBodyBytes, type: ['application/json', 'application/*+json'] }));
  for (const { path, route } of ROUTES) {
    router.post(route, async (request, response) => {
      const read = readRequest(path, request.body);
      const exchanged = meteredExchange({ directory, liteLlm, meter, logger, now, onCall }, read, path, response);
      running.set(exchanged, caller(response).instanceId);
      await exchanged.finally(() => running.delete(exchanged));
    });
  }
  router.use((request) => {
    const known = request.path === '/models' || ROUTES.some(({ route }) => route === request.path);
    throw known ? new Failure('METHOD_NOT_ALLOWED') : new Failure('NOT_FOUND', 'The model gateway has no such path.');
  });
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => answerError(error, request, response, logger));
  const drain = async (ends: readonly Promise<void>[], timeoutMs: number) => {
    const started = performance.now();
    const stop = new AbortController();
    await Promise.race([Promise.allSettled(ends), sleep(timeoutMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
    stop.abort();
    await meter.drain(Math.max(0, timeoutMs - (performance.now() - started)));
  };
  return {
    router,
    drain: (timeoutMs = DRAIN_MS) => drain([...running.keys()], timeoutMs),
    settled: (instanceId, timeoutMs) => {
      const own = [...running].filter(([, owner]) => owner === instanceId).map(([end]) => end);
      return drain(own, timeoutMs).catch(() => undefined);
    },
  };
}

interface MeteredDeps extends ExchangeDeps {
  readonly meter: UsageMeter;
  readonly logger: Logger;
  readonly now: () => number;
  readonly onCall: (call: ModelCall) => void;
}

/** Forwards a request and, whatever came of it, counts it afterwards. */
async function meteredExchange(deps: MeteredDeps, read: ReadRequest, path: ModelPath, response: Response): Promise<void> {
  const scope = caller(response);
  const { tenantId, projectId, instanceId } = scope;
  const elapsed = () => Math.round(deps.now() - Number(response.locals.arrived));
  const at = new Date(Date.now() - elapsed());
  const outcome: Outcome = { ...splitModelName(read.model), found: false, status: 0, firstByteMs: null, tokens: NO_TOKENS, errorCode: null };
  try {
    await exchange(deps, { scope, path, read, response, outcome, elapsed });
  } catch (error) {
    const failure = asFailure(error);
    Object.assign(outcome, { status: FAILURES[failure.code].status, errorCode: failure.code });
    throw failure;
  } finally {
    const { found, status, firstByteMs, tokens, errorCode } = outcome;
    const named = { instanceId, provider: storable(outcome.provider), model: storable(outcome.model) };
    const target = found ? { provider: named.provider, model: named.model } : null;
    deps.onCall({ target, status, firstByteMs, promptTokens: tokens.promptTokens, completionTokens: tokens.completionTokens });
    deps.meter.record({
      id: newId(IdPrefix.usage),
      tenantId,
      projectId,
      ...named,
      path,
      at,
      status,
      streamed: read.stream,
      ...tokens,
      latencyMs: elapsed(),
      firstByteMs,
      errorCode,
    });
    // The code only: what a provider says may repeat what it was asked.
    if (errorCode && status !== CLIENT_GONE) deps.logger.warn({ ...named, code: errorCode }, 'a model request failed');
  }
}

function caller(response: Response): ModelCaller {
  return response.locals.caller as ModelCaller;
}

/** Clients choose these words; PostgreSQL takes no NUL and a row should stay small. */
function storable(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '').slice(0, NAME_CHARACTERS);
}

function answerError(error: unknown, request: Request, response: Response, logger: Logger): void {
  const failure = asFailure(error);
  const { status } = FAILURES[failure.code];
  if (failure.code === 'INTERNAL') logger.error({ err: error, path: request.path }, 'a model request failed in the gateway');
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (typeof failure.details.retryAfter === 'string') response.set('retry-after', failure.details.retryAfter);
  if (!request.complete) {
    // Takes the rest of the upload in, so that the client comes to read the answer instead of a reset.
    response.set('connection', 'close');
    request.resume();
  }
  response.status(status).json(openAiError(failure));
}
