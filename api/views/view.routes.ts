import { Router } from 'express';
import pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { Action } from '../http/authorize.ts';
import { parseLabelSelector } from '../http/label-selector.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { viewPolicy } from './view.policy.ts';
import { createView, listViews, removeView, type SavedView, type SavedViewBody, updateView } from './view.schema.ts';

interface ViewRow extends Pick<SavedView, 'id' | 'name' | 'list' | 'query'> {
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'id, name, list, query, created_at, updated_at';

/** Everything under `/me/views`: the caller's own views in this tenant. */
export function viewRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, listViews, { action: Action.read, policy: viewPolicy }, async ({ actor }) => {
    const { rows } = await database.withTenantSql(actor.tenantId, (sql) =>
      sql.query<ViewRow>(`SELECT ${COLUMNS} FROM saved_view WHERE user_id = $1 ORDER BY lower(name), id`, [actor.userId]),
    );
    return { status: 200, body: { items: rows.map(presentView) } };
  });
  kit.mount(router, createView, { action: Action.create, policy: viewPolicy }, ({ actor, body, once }) =>
    once(async (sql) => ({ status: 201, body: await insertView(sql, actor, body) })),
  );
  kit.mount(router, updateView, { action: Action.update, policy: viewPolicy }, async ({ actor, params, body }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => changeView(sql, actor, params.id, body)),
  }));
  kit.mount(router, removeView, { action: Action.remove, policy: viewPolicy }, async ({ actor, params }) => {
    const { rowCount } = await database.withTenantSql(actor.tenantId, (sql) =>
      sql.query('DELETE FROM saved_view WHERE id = $1 AND user_id = $2', [params.id, actor.userId]),
    );
    if (rowCount === 0) throw noSuchView();
    return { status: 204 };
  });
  return router;
}

async function insertView(sql: pg.ClientBase, actor: Actor, { name, list, query }: SavedViewBody): Promise<SavedView> {
  parseLabelSelector(query.labels);
  const { rows: counted } = await sql.query<{ count: number }>('SELECT count(*)::integer AS count FROM saved_view WHERE user_id = $1', [actor.userId]);
  if ((counted[0]?.count ?? 0) >= Limits.savedViewsMax) {
    throw new Failure('QUOTA_EXCEEDED', `You have ${Limits.savedViewsMax} saved views already.`, { nextStep: 'Remove one that you no longer use.' });
  }
  return one(
    name,
    sql.query<ViewRow>(`INSERT INTO saved_view (id, tenant_id, user_id, list, name, query) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`, [
      newId(IdPrefix.view),
      actor.tenantId,
      actor.userId,
      list,
      name,
      JSON.stringify(query),
    ]),
  );
}

function changeView(sql: pg.ClientBase, actor: Actor, id: string, { name, list, query }: SavedViewBody): Promise<SavedView> {
  parseLabelSelector(query.labels);
  return one(
    name,
    sql.query<ViewRow>(`UPDATE saved_view SET list = $3, name = $4, query = $5, updated_at = now() WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`, [
      id,
      actor.userId,
      list,
      name,
      JSON.stringify(query),
    ]),
  );
}

/** The one view that was written. Throws NAME_TAKEN when another one of the person has the name, NOT_FOUND when none was written. */
async function one(name: string, written: Promise<pg.QueryResult<ViewRow>>): Promise<SavedView> {
  const { rows } = await written.catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.constraint === 'saved_view_tenant_id_user_id_list_name_key') {
      throw new Failure('NAME_TAKEN', `You have a view called "${name}" already.`, { nextStep: 'Choose another name, or change that view.' });
    }
    throw error;
  });
  if (!rows[0]) throw noSuchView();
  return presentView(rows[0]);
}

function noSuchView(): Failure {
  return new Failure('NOT_FOUND', 'There is no such saved view.');
}

function presentView({ id, name, list, query, created_at: createdAt, updated_at: updatedAt }: ViewRow): SavedView {
  return { id, name, list, query, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
