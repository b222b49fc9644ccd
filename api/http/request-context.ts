import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import type { AuditSeal } from '../../prisma/audit-chain.ts';
import type { Reach } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type PlatformRole, type ProjectGrant, Role, type Scope, type TenantState } from './account.schema.ts';
import type { KeyLimits } from './key-limits.ts';

/** Who is asking, in which tenant, with which rights. */
export interface Actor {
  readonly userId: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly tenantState: TenantState;
  readonly role: Role;
  /** Beside the role, in single projects of the tenant. */
  readonly grants: readonly ProjectGrant[];
  /** What the person is for the whole installation, in whichever tenant they are. */
  readonly platformRole: PlatformRole | null;
  /** No member of the tenant: somebody of the platform who named it to look into it. */
  readonly visiting: boolean;
  readonly auth: 'session' | 'key';
  /** The identity provider of this tenant vouched for the person: the session, or the key that one made, is good here only, and knows of no other tenant. */
  readonly sso?: boolean;
  /** A session has every scope. */
  readonly scopes: readonly Scope[];
  /** Id of the API key, when one signed this request. */
  readonly keyId: string | null;
  /** What that key may at most; the rights above are cut down to it already. */
  readonly keyLimits?: KeyLimits | null;
}

/** How much of the tenant the caller sees; null: all of it. A key of single projects does not see its owner's own claws elsewhere. */
export function reachOf({ role, grants, userId, keyId, keyLimits }: Actor): Reach | null {
  if (role !== Role.member) return null;
  const selfIds = keyLimits?.projectIds ? [] : [userId];
  return { projectIds: grants.map(({ projectId }) => projectId), selfIds: keyId ? [...selfIds, keyId] : selfIds };
}

/** What every layer may know of a request. */
export interface RequestContext {
  readonly requestId: string;
  readonly ip: string;
  actor: Actor | null;
  /** The program that asked, as it calls itself. */
  readonly userAgent?: string;
  /** Signs what the request adds to the audit. */
  readonly auditSeal?: AuditSeal;
  /** W3C traceparent of this request while it is traced: whatever it sets going hands that on. */
  traceparent?: string;
}

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** A caller's own request id is kept when it is harmless, so that one id names the request on both sides. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>, generator: () => string = randomUUID): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : generator();
}

/** Gives the request its id and context, before anything can fail. */
export function requestContext(): RequestHandler {
  return (request, response, next) => {
    const context: RequestContext = { requestId: requestIdOf(request), ip: request.ip ?? '', actor: null };
    response.locals.context = context;
    response.setHeader('X-Request-Id', context.requestId);
    next();
  };
}

export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}

/** The part of a command that makes what it sets going a part of this request's trace; empty while that is not traced. */
export function traceOf({ traceparent }: RequestContext): { readonly traceparent?: string } {
  return traceparent === undefined ? {} : { traceparent };
}

/** The signed-in caller; throws UNAUTHENTICATED when there is none. */
export function actorOf(context: RequestContext): Actor {
  if (!context.actor) throw new Failure('UNAUTHENTICATED');
  return context.actor;
}
