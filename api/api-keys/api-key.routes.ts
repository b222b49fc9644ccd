import { Router } from 'express';
import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { ApiKeyView } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { covers, type KeyLimits } from '../http/key-limits.ts';
import { API_KEY_COLUMNS, type ApiKeyRow, mintApiKey, presentApiKey } from '../http/mint-api-key.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { Conditions } from '../http/sql.ts';
import { apiKeyPolicy } from './api-key.policy.ts';
import { type CreateApiKeyBody, createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from './api-key.schema.ts';

const SORT = '-createdAt';

/** Everything under `/api-keys`: the caller's own keys in this tenant. */
export function apiKeyRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, listApiKeys, { action: Action.read, policy: apiKeyPolicy }, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => list(sql, actor, query)),
  }));
  kit.mount(router, createApiKey, { action: Action.create, policy: apiKeyPolicy }, ({ actor, body, context, once }) =>
    once(async (sql) => {
      const limits = await limitsOf(sql, actor, body);
      const created = await mintApiKey(sql, {
        limits,
        tenantId: actor.tenantId,
        userId: actor.userId,
        name: body.name,
        scopes: body.scopes,
        expiresAt: body.expiresAt ?? null,
        sso: actor.sso === true,
      });
      await recordDeed(sql, context, { type: 'api-key.created', subject: { kind: 'api-key', id: created.apiKey.id, name: body.name }, data: {} });
      await audit(sql, context, { action: 'api-key.create', target: created.apiKey.id, after: created.apiKey });
      return { status: 201, body: created };
    }),
  );
  kit.mount(router, rotateApiKey, { action: Action.update, policy: apiKeyPolicy }, ({ actor, params, body, context, once }) =>
    once(async (sql) => {
      const created = await rotate(sql, actor, params.id, body.overlapSeconds);
      const { id, name } = created.apiKey;
      await recordDeed(sql, context, { type: 'api-key.created', subject: { kind: 'api-key', id, name }, data: {} });
      await audit(sql, context, { action: 'api-key.rotate', target: params.id, after: { ...created.apiKey, overlapSeconds: body.overlapSeconds } });
      return { status: 201, body: created };
    }),
  );
  kit.mount(router, revokeApiKey, { action: Action.remove, policy: apiKeyPolicy }, ({ actor, params, context, once }) =>
    once(async (sql) => {
      const { rows } = await sql.query<{ name: string }>(
        'UPDATE api_key SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING name',
        [params.id, actor.userId],
      );
      if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such API key.');
      await recordDeed(sql, context, { type: 'api-key.revoked', subject: { kind: 'api-key', id: params.id, name: rows[0].name }, data: {} });
      await audit(sql, context, { action: 'api-key.revoke', target: params.id });
      return { status: 204 };
    }),
  );
  return router;
}

async function list(sql: pg.ClientBase, actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<ApiKeyView>> {
  const conditions = new Conditions();
  conditions.equals('user_id', actor.userId);
  conditions.add('revoked_at IS NULL');
  const from = decodeCursor(cursor, SORT);
  if (from) conditions.add(`id < ${conditions.value(from.id)}`);
  const { rows } = await sql.query<ApiKeyRow>(
    `SELECT ${API_KEY_COLUMNS} FROM api_key ${conditions.where} ORDER BY id DESC LIMIT ${conditions.value(limit + 1)}`,
    conditions.values,
  );
  return pageOfRows(rows, limit, (row) => ({ sort: SORT, value: '', id: row.id }), presentApiKey);
}

/** Throws FORBIDDEN for what is beyond the key that asks, VALIDATION_FAILED for a time that is over and for a project that is not there. */
async function limitsOf(sql: pg.ClientBase, actor: Actor, { scopes, expiresAt, role, projectIds }: CreateApiKeyBody): Promise<KeyLimits> {
  const beyond = scopes.filter((scope) => !actor.scopes.includes(scope));
  if (beyond.length > 0) throw new Failure('FORBIDDEN', `This API key may not give the scope ${beyond.join(', ')}.`);
  if (expiresAt && Date.parse(expiresAt) <= Date.now()) {
    throw new Failure('VALIDATION_FAILED', 'The key would be expired already.', { errors: [{ path: '/expiresAt', message: 'must be in the future' }] });
  }
  const limits = { role: role ?? actor.keyLimits?.role ?? null, projectIds: projectIds ?? actor.keyLimits?.projectIds ?? null };
  if (actor.keyLimits && !covers(actor.keyLimits, limits)) throw new Failure('FORBIDDEN', 'This API key may not make one that may more than itself.');
  if (projectIds) {
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM project WHERE id = ANY($1)', [projectIds]);
    const errors = projectIds.flatMap((id, index) =>
      rows.some((row) => row.id === id) ? [] : [{ path: `/projectIds/${index}`, message: 'is no project of this tenant' }],
    );
    if (errors.length > 0) throw new Failure('VALIDATION_FAILED', 'There is no such project.', { errors });
  }
  return limits;
}

interface RotatedRow extends ApiKeyRow {
  readonly sso: boolean;
  readonly lives: number | null;
}

/** Throws NOT_FOUND for a key that is not there or not the caller's any more, FORBIDDEN for a limited key that would become another one. */
async function rotate(sql: pg.ClientBase, actor: Actor, id: string, overlapSeconds: number): Promise<{ apiKey: ApiKeyView; secret: string }> {
  const isLimited = actor.keyLimits && (actor.keyLimits.role !== null || actor.keyLimits.projectIds !== null);
  if (isLimited && actor.keyId !== id) throw new Failure('FORBIDDEN', 'A limited API key may rotate itself only.');
  const { rows } = await sql.query<RotatedRow>(
    `UPDATE api_key SET expires_at = least(expires_at, now() + make_interval(secs => $3))
     FROM (SELECT extract(epoch FROM o.expires_at - o.created_at)::double precision AS lives FROM api_key o
           WHERE o.id = $1 AND o.user_id = $2 AND o.revoked_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > now()) FOR UPDATE) AS before
     WHERE id = $1 AND user_id = $2 RETURNING ${API_KEY_COLUMNS}, sso, before.lives`,
    [id, actor.userId, overlapSeconds],
  );
  const [old] = rows;
  if (!old) throw new Failure('NOT_FOUND', 'There is no such API key.');
  return mintApiKey(sql, {
    tenantId: actor.tenantId,
    userId: actor.userId,
    name: old.name,
    scopes: old.scopes,
    expiresAt: old.lives === null ? null : new Date(Date.now() + old.lives * 1000).toISOString(),
    limits: { role: old.role, projectIds: old.project_ids },
    sso: old.sso || actor.sso === true,
    replaces: id,
  });
}
