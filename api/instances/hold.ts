import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { findOperation } from '../http/operation-queries.ts';
import type { Reply } from '../http/route.ts';
import { getInstance } from './instance-queries.ts';
import type { ClawCatalog, OperationWaiter } from './ports.ts';

export interface HoldDeps {
  readonly database: Database;
  readonly catalog: ClawCatalog;
  readonly waiter: OperationWaiter;
}

/** `"30s"` in milliseconds. */
export function waitMilliseconds(wait: string): number {
  return Number.parseInt(wait, 10) * 1000;
}

/** Holds an accepted answer until its operation ended or the time is over, then answers the newest state. */
export async function hold(deps: HoldDeps, reply: Reply, wait: string | undefined, tenantId: string, signal: AbortSignal): Promise<Reply> {
  if (wait === undefined) return reply;
  const { operation } = reply.body as { operation: { id: string; target: { id: string } } };
  await deps.waiter.untilEnded(operation.id, waitMilliseconds(wait), signal);
  const body = await deps.database.withTenantSql(tenantId, async (sql) => ({
    operation: await findOperation(sql, operation.id),
    instance: await getInstance(sql, operation.target.id, deps.catalog),
  }));
  if (!body.operation) throw new Failure('NOT_FOUND');
  return { ...reply, body };
}
