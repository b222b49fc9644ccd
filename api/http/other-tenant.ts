import { Failure } from '../../workflows/contracts/failures.ts';
import { type Actor, actorOf, type RequestContext } from './request-context.ts';

/** The id of a tenant that a path names, when the caller belongs to it or looks after the platform; throws NOT_FOUND otherwise. */
export function reachableTenant(actor: Actor, tenantId: string): string {
  if (actor.tenantId !== tenantId && actor.platformRole === null) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  return tenantId;
}

/** The context of a request that changes something of another tenant than the caller's: it is audited there. */
export function contextIn(context: RequestContext, tenantId: string): RequestContext {
  return { ...context, actor: { ...actorOf(context), tenantId } };
}
