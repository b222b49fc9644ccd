import type { Request } from 'express';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { AuditResult } from '../../workflows/contracts/audit.ts';
import { FAILURES, type FailureCode } from '../../workflows/contracts/failures.ts';
import { atMostEvery } from './at-most-every.ts';
import { audit } from './audit.ts';
import { Action, type Right } from './authorize.ts';
import type { RouteContract } from './contract.ts';
import { toFailure } from './problem.ts';
import type { RequestContext } from './request-context.ts';

const EVERY_MS = 60_000;
const TARGET = /^[\w.:-]{1,200}$/;

/** Notes in the audit what somebody was not let do, and what was tried and did not work. */
export interface Refusals {
  /** Never throws, and repeats the same refusal of the same caller once a minute at most. */
  note(contract: RouteContract, right: Right | null, request: Request, context: RequestContext, error: unknown): Promise<void>;
}

export function createRefusals({ database, logger, now = Date.now }: { database: Database; logger?: Logger; now?: () => number }): Refusals {
  const notes = atMostEvery(EVERY_MS, now);
  return {
    note: async (contract, right, request, context, error) => {
      const { actor } = context;
      const { code } = toFailure(error);
      const result = resultOf(code);
      if (!actor || !result || !matters(contract, right)) return;
      const named = [request.params['id'], request.params['name'], actor.tenantId].find((one): one is string => typeof one === 'string') ?? '';
      const target = TARGET.test(named) ? named : actor.tenantId;
      const action = actionOf(contract.id);
      const key = [actor.tenantId, actor.userId, actor.keyId, action, target, code].join(' ');
      if (!notes.isDue(key)) return;
      notes.noted(key);
      await database
        .withTenantSql(actor.tenantId, (sql) => audit(sql, context, { action, target, result, reason: code }))
        .catch((failed: Error) => logger?.warn({ requestId: context.requestId, action, reason: failed.message }, 'a refusal could not be noted'));
    },
  };
}

/** Reading what one may not see is no act, unless it carries something out of the platform. */
function matters({ method }: RouteContract, right: Right | null): boolean {
  return method !== 'get' || right?.action === Action.use;
}

/** Null for what is neither refused nor failed, e.g. a field that is wrong. */
function resultOf(code: FailureCode): AuditResult | null {
  if (code === 'INTERNAL') return AuditResult.failed;
  return FAILURES[code].status === 403 || code === 'QUOTA_EXCEEDED' ? AuditResult.refused : null;
}

/** `stopInstance` -> `instance.stop`, `createApiKey` -> `api-key.create`. */
export function actionOf(operationId: string): string {
  const [verb = '', ...resource] = operationId.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  return resource.length > 0 ? `${resource.join('-')}.${verb}` : verb;
}
