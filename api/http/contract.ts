import type { z } from 'zod';
import type { Failure, FailureCode } from '../../workflows/contracts/failures.ts';

export const Method = { get: 'get', post: 'post', put: 'put', delete: 'delete' } as const;
export type Method = (typeof Method)[keyof typeof Method];

/** One answer of a route. Without a schema the answer has no JSON body. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Response headers by name and what they say. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type when it is not JSON; several when the caller chooses. */
  readonly contentType?: string | readonly string[];
}

/**
 * Everything a caller may know about a route. The OpenAPI document, the validation of requests, the answer to wrong methods and
 * the contract tests are all made from it. `path` is relative to `/api/v1` and written like `/instances/{id}`.
 */
export interface RouteContract<P extends z.ZodObject = z.ZodObject, Q extends z.ZodObject = z.ZodObject, B extends z.ZodType = z.ZodType> {
  /** operationId, camelCase. */
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Further media types of the body beside application/json. */
  readonly bodyTypes?: readonly string[];
  /** Answers by status; problem documents are listed by `failures`. */
  readonly answers: Readonly<Record<number, Answer>>;
  readonly failures?: readonly FailureCode[];
  /** `none`: nobody has to be signed in. */
  readonly auth?: 'none';
  /** PUT that needs `If-Match`. */
  readonly ifMatch?: true;
  /** The answer holds a secret, so a copy kept for a repeated request is sealed. */
  readonly secretAnswer?: true;
  /** Answer of `?dryRun=true` for a body that is not valid, instead of a problem document. */
  readonly invalidDryRun?: (failure: Failure, requestId: string) => unknown;
  /** Answered by the upgrade to a WebSocket, not by a router. */
  readonly upgrade?: true;
}

type Nothing = z.ZodObject<Record<never, never>>;

/** Keeps the exact types of a contract's schemas for the handler. */
export function contract<P extends z.ZodObject = Nothing, Q extends z.ZodObject = Nothing, B extends z.ZodType = z.ZodUndefined>(
  definition: RouteContract<P, Q, B>,
): RouteContract<P, Q, B> {
  return definition;
}
