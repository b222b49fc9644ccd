import type { RequestHandler } from 'express';
import type pg from 'pg';
import { type AuditSeal, appendAudit } from '../../prisma/audit-chain.ts';
import { AuditResult } from '../../workflows/contracts/audit.ts';
import { redactSecrets } from '../../workflows/contracts/redaction.ts';
import { contextOf, type RequestContext } from './request-context.ts';

/** One thing that somebody did, or was not let do. What is called or looks like a secret in `before` and `after` is taken out. */
export interface AuditEntry {
  /** `<resource>.<verb>`, e.g. `instance.create`. */
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** `done` without it. */
  readonly result?: AuditResult;
  /** Code of the failure that kept it from being done. */
  readonly reason?: string;
}

const USER_AGENT_CHARACTERS = 200;

/** Gives each request what its entries in the audit are signed with and where it came from. */
export function audited(seal: AuditSeal): RequestHandler {
  return (request, response, next) => {
    const userAgent = request.headers['user-agent']?.slice(0, USER_AGENT_CHARACTERS);
    Object.assign(contextOf(response), { auditSeal: seal, ...(userAgent ? { userAgent } : {}) });
    next();
  };
}

/**
 * Adds a link to the tenant's chain in the caller's transaction, which must run as that tenant. It locks the head of the chain, so
 * call it last: the lock order is quota, resource, audit head.
 */
export async function audit(sql: pg.ClientBase, context: RequestContext, entry: AuditEntry, now?: () => Date): Promise<void> {
  const { actor } = context;
  if (!actor) throw new Error('an audited act needs an actor');
  const link = {
    tenantId: actor.tenantId,
    actor: actor.keyId ? `${actor.userId}/${actor.keyId}` : actor.userId,
    action: entry.action,
    target: entry.target,
    before: redactSecrets(entry.before),
    after: redactSecrets(entry.after),
    requestId: context.requestId,
    ip: context.ip || null,
    result: entry.result ?? AuditResult.done,
    reason: entry.reason,
    userAgent: context.userAgent,
  };
  await appendAudit(sql, link, context.auditSeal ?? null, now);
}
