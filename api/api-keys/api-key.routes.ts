import { Router } from 'express';
import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { ApiKeyView } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { API_KEY_COLUMNS, type ApiKeyRow, mintApiKey, presentApiKey } from '../http/mint-api-key.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { Conditions } from '../http/sql.ts';
import { apiKeyPolicy } from './api-key.policy.ts';
import { type CreateApiKeyBody, createApiKey, listApiKeys, revokeApiKey } from './api-key.schema.ts';

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
      assertWithin(actor, body);
      const created = await mintApiKey(sql, {
        tenantId: actor.tenantId,
        userId: actor.userId,
        name: body.name,
        scopes: body.scopes,
        expiresAt: body.expiresAt ?? null,
      });
      await recordDeed(sql, context, { type: 'api-key.created', subject: { kind: 'api-key', id: created.apiKey.id, name: body.name }, data: {} });
      await audit(sql, context, { action: 'api-key.create', target: created.apiKey.id, after: created.apiKey });
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

function assertWithin(actor: Actor, { scopes, expiresAt }: CreateApiKeyBody): void {
  const beyond = scopes.filter((scope) => !actor.scopes.includes(scope));
  if (beyond.length > 0) throw new Failure('FORBIDDEN', `This API key may not give the scope ${beyond.join(', ')}.`);
  if (expiresAt && Date.parse(expiresAt) <= Date.now()) {
    throw new Failure('VALIDATION_FAILED', 'The key would be expired already.', { errors: [{ path: '/expiresAt', message: 'must be in the future' }] });
  }
}
