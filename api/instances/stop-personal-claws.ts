import type { Database } from '../../prisma/client.ts';
import { isFailure } from '../../workflows/contracts/failures.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { actOnInstance } from './change-instance.ts';
import type { ClawCatalog } from './ports.ts';

/** Asks for the end of every claw that belongs to a person in a tenant. Answers how many it was; what cannot be stopped now is left. */
export type StopPersonalClaws = (context: RequestContext, tenantId: string, userId: string) => Promise<number>;

export function createStopPersonalClaws({ database, catalog }: { readonly database: Database; readonly catalog: ClawCatalog }): StopPersonalClaws {
  return async (context, tenantId, userId) => {
    const there: RequestContext = { ...context, actor: { ...actorOf(context), tenantId } };
    const ids = await database.withTenantSql(tenantId, async (sql) => {
      const { rows } = await sql.query<{ id: string }>('SELECT id FROM instance WHERE owner_id = $1 AND destroyed_at IS NULL ORDER BY id', [userId]);
      return rows.map(({ id }) => id);
    });
    let stopped = 0;
    for (const id of ids) {
      try {
        await database.withTenantSql(tenantId, (sql) => actOnInstance(sql, there, catalog, id, OperationKind.stop));
        stopped += 1;
      } catch (error) {
        // Stopped already, or on its way somewhere from where it cannot be stopped.
        if (!isFailure(error)) throw error;
      }
    }
    return stopped;
  };
}
