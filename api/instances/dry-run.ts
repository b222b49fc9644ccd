import type { Database } from '../../prisma/client.ts';
import { FAILURES, type Failure, isFailure } from '../../workflows/contracts/failures.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';
import type { Problem } from '../http/common.schema.ts';
import { problemOf } from '../http/problem.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { Reply } from '../http/route.ts';
import { createInstance } from './create-instance.ts';
import type { CreateInstanceBody } from './instance.schema.ts';
import type { ClawCatalog } from './ports.ts';

/** Carries the result out of a transaction that must not be committed. */
class RolledBack extends Error {
  readonly spec: InstanceSpec;

  constructor(spec: InstanceSpec) {
    super('rolled back on purpose');
    this.spec = spec;
  }
}

/** Does everything that a create does, in a transaction that is rolled back, and answers whether it would have been accepted. */
export async function dryRun(database: Database, context: RequestContext, catalog: ClawCatalog, body: CreateInstanceBody): Promise<Reply> {
  try {
    await database.withTenantSql(actorOf(context).tenantId, async (sql) => {
      const { spec } = await createInstance(sql, context, catalog, body);
      throw new RolledBack(spec);
    });
  } catch (error) {
    if (error instanceof RolledBack) return { status: 200, body: { valid: true, spec: error.spec, problem: null, errors: [] } };
    if (isFailure(error) && FAILURES[error.code].status < 500) return { status: 200, body: refusedDryRun(error, context.requestId) };
    throw error;
  }
  throw new Error('a dry run must not be committed');
}

/** The answer for a create that would be refused. */
export function refusedDryRun(failure: Failure, requestId: string): { valid: false; spec: null; problem: Problem; errors: Problem['errors'] } {
  const problem = problemOf(failure, requestId);
  return { valid: false, spec: null, problem, errors: problem.errors };
}
