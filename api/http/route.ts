import { Readable } from 'node:stream';
import type { Request, RequestHandler, Response, Router } from 'express';
import type pg from 'pg';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { authorize, type Right } from './authorize.ts';
import { authorizeTarget } from './authorize-target.ts';
import type { RouteContract } from './contract.ts';
import { answerOnce, idempotencyKey, type Reply } from './idempotency.ts';
import { JsonText } from './json-text.ts';
import { createRefusals } from './refusals.ts';
import { type Actor, actorOf, contextOf, type RequestContext, reachOf } from './request-context.ts';
import { validate } from './validate.ts';

export type { Reply } from './idempotency.ts';

/** A validated request of somebody who may make it. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly context: RequestContext;
  /** Throws UNAUTHENTICATED on a route without sign-in. */
  readonly actor: Actor;
  /** Generation of `If-Match`; null for `*` and for routes without it. */
  readonly ifMatch: number | null;
  readonly idempotencyKey: string | null;
  readonly request: Request;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  /**
   * Runs `work` in one transaction as the caller's tenant; with an `Idempotency-Key` at most once, answering a repeated request
   * like the first. Use it for every effect of a POST. A request with several effects names the `part` that each one is, so that a
   * repeated request finds those that are done and does the others.
   */
  once(work: (sql: pg.PoolClient) => Promise<Reply>, part?: string): Promise<Reply>;
}

/** Adds a route to a router: policy, validation, then `handle`, whose reply is sent. `right` is null only on routes without sign-in. */
export type Mount = <P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  router: Router,
  contract: RouteContract<P, Q, B>,
  right: Right | null,
  handle: (call: Call<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<Reply>,
) => void;

export interface RouteKit {
  readonly mount: Mount;
}

/** The way every route is made. */
export function createRouteKit({ database, secrets, logger }: { database: Database; secrets: SecretBox; logger?: Logger }): RouteKit {
  const refusals = createRefusals({ database, ...(logger ? { logger } : {}) });
  const mount: Mount = (router, contract, right, handle) => {
    const path = contract.path.replace(/\{([^}]+)\}/g, ':$1');
    const answer: RequestHandler = async (request, response) => {
      const context = contextOf(response);
      const actor = contract.auth === 'none' ? null : actorOf(context);
      if (actor && !right) throw new Error(`${contract.id} has no policy`);
      const everywhere = !actor || !right || authorize(actor, right);
      try {
        const reply = await database.within(actor && reachOf(actor), async () => {
          if (!everywhere) await authorizeTarget(database, actor, right, [request.params.id].flat()[0]);
          return handle(callOf(contract, request, response, { database, secrets }));
        });
        send(response, reply);
      } catch (error) {
        if (!contract.invalidDryRun || request.query.dryRun !== 'true' || !isFailure(error) || error.code !== 'VALIDATION_FAILED') throw error;
        send(response, { status: 200, body: contract.invalidDryRun(error, context.requestId) });
      }
    };
    const handler: RequestHandler = async (request, response, next) => {
      try {
        await answer(request, response, next);
      } catch (error) {
        await refusals.note(contract as unknown as RouteContract, right, request, contextOf(response), error);
        throw error;
      }
    };
    router[contract.method](path, handler);
  };
  return { mount };
}

function callOf<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  contract: RouteContract<P, Q, B>,
  request: Request,
  response: Response,
  { database, secrets }: { database: Database; secrets: SecretBox },
): Call<z.infer<P>, z.infer<Q>, z.infer<B>> {
  const context = contextOf(response);
  const params = readParams(contract, request);
  const query = (contract.query ? validate(contract.query, request.query, '/query') : noQuery(request)) as z.infer<Q>;
  const body = readBody(contract, request);
  const key = contract.method === 'post' ? idempotencyKey(request.headers['idempotency-key']) : null;
  const { wait: _, ...content } = query as Record<string, unknown>;
  return {
    params,
    query,
    body,
    context,
    request,
    get actor() {
      return actorOf(context);
    },
    ifMatch: contract.ifMatch ? readIfMatch(request.headers['if-match']) : null,
    idempotencyKey: key,
    signal: abortSignalOf(response),
    once: (work, part) => {
      const actor = actorOf(context);
      return database.withTenantSql(actor.tenantId, (sql) => {
        if (key === null) return work(sql);
        const repeatable = {
          key: part === undefined ? key : `${key}/${part}`,
          actor,
          route: contract.id,
          content: { params, query: content, body },
          secretAnswer: contract.secretAnswer === true,
        };
        return answerOnce(sql, secrets, repeatable, () => work(sql));
      });
    },
  };
}

/** An id that cannot exist does not exist: the answer is 404, as for somebody else's. */
function readParams<P extends z.ZodObject>(contract: RouteContract<P>, request: Request): z.infer<P> {
  if (!contract.params) return {} as z.infer<P>;
  const result = contract.params.safeParse(request.params);
  if (!result.success) throw new Failure('NOT_FOUND');
  return result.data;
}

function noQuery(request: Request): Record<string, never> {
  const errors = Object.keys(request.query).map((name) => ({ path: `/query/${name}`, message: 'is not a known parameter' }));
  if (errors.length > 0) throw new Failure('VALIDATION_FAILED', 'This path takes no query parameters.', { errors });
  return {};
}

function readBody<B extends z.ZodType>(contract: RouteContract<z.ZodObject, z.ZodObject, B>, request: Request): z.infer<B> {
  const received: unknown = typeof request.body === 'string' ? readYaml(request.body) : request.body;
  if (received === undefined && hasBody(request)) {
    const types = ['application/json', ...(contract.bodyTypes ?? [])].join(' or ');
    throw new Failure('MALFORMED_REQUEST', `The body must have the content-type ${types}.`);
  }
  if (typeof request.body === 'string' && !contract.bodyTypes) throw new Failure('MALFORMED_REQUEST', 'The body must have the content-type application/json.');
  if (contract.body) return validate(contract.body, received === undefined ? {} : received);
  if (received !== undefined && (typeof received !== 'object' || received === null || Array.isArray(received) || Object.keys(received).length > 0)) {
    throw new Failure('VALIDATION_FAILED', 'This path takes no body.', {
      errors: Object.keys(Object(received)).map((name) => ({ path: `/${name}`, message: 'is not a known field' })),
    });
  }
  return undefined as z.infer<B>;
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function readYaml(text: string): unknown {
  try {
    // No aliases: a few lines could unfold into gigabytes.
    return parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new Failure('MALFORMED_REQUEST', `The body is not well-formed YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}

function readIfMatch(header: string | undefined): number | null {
  if (header === '*') return null;
  const generation = /^(?:W\/)?"?([0-9]{1,9})"?$/.exec(header ?? '')?.[1];
  if (generation !== undefined) return Number(generation);
  const message = header === undefined ? 'is needed: the ETag that the change is based on' : 'must be an ETag such as "7"';
  throw new Failure('VALIDATION_FAILED', `The header If-Match ${message}.`, { errors: [{ path: '/headers/if-match', message }] });
}

function abortSignalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  // Every answer ends with 'close'; the error that an abort makes costs more than the rest of this function.
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function send(response: Response, { status, body, headers = {} }: Reply): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.status(status);
  if (body === undefined) response.end();
  else if (Buffer.isBuffer(body)) response.end(body);
  else if (body instanceof Readable) sendStream(response, body);
  else if (body instanceof JsonText) response.type('json').send(body.text);
  else response.json(body);
}

/** What was promised and cannot be read to its end is cut off, so that nobody takes a part for the whole. */
function sendStream(response: Response, body: Readable): void {
  body.once('error', () => response.destroy());
  response.once('close', () => body.destroy());
  body.pipe(response);
}
