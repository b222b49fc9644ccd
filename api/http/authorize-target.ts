import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Action, authorizeItem, type Item, type Right } from './authorize.ts';
import type { Actor } from './request-context.ts';

const ITEMS: Readonly<Record<string, string>> = {
  [IdPrefix.instance]: 'SELECT project_id AS "projectId", owner_id AS "ownerId" FROM instance WHERE id = $1',
  [IdPrefix.operation]: 'SELECT i.project_id AS "projectId", i.owner_id AS "ownerId" FROM operation o JOIN instance i ON i.id = o.instance_id WHERE o.id = $1',
  [IdPrefix.project]: 'SELECT id AS "projectId", NULL AS "ownerId" FROM project WHERE id = $1 AND deleted_at IS NULL',
};

/**
 * Looks at the one thing that a path names, for a caller who has the right on some things only. Throws NOT_FOUND, FORBIDDEN. Reading
 * what is no item is left to the database, which shows only what may be seen; changing several at once to a route that says so.
 */
export async function authorizeTarget(database: Database, actor: Actor, right: Right, id: string | undefined): Promise<void> {
  const query = ITEMS[id?.split('_', 1)[0] ?? ''];
  if (query) {
    authorizeItem(actor, right, await database.withTenantSql(actor.tenantId, (sql) => findItem(sql, query, id)));
  } else if (right.action !== Action.read && !right.looksAtItems) {
    throw new Failure('FORBIDDEN', `The role ${actor.role} may not ${right.action} every ${right.policy.subject} of the tenant.`);
  }
}

async function findItem(sql: pg.ClientBase, query: string, id: string | undefined): Promise<Item> {
  const { rows } = await sql.query<Item>(query, [id]);
  if (!rows[0]) throw new Failure('NOT_FOUND');
  return rows[0];
}
