import type pg from 'pg';
import { newId, newSecret, secretHash } from '../../activities/platform/ids.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { ApiKeyView, Role, Scope } from './account.schema.ts';
import type { KeyLimits } from './key-limits.ts';

export interface NewApiKey {
  readonly tenantId: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
  /** Null or left out: whatever its owner may. */
  readonly limits?: KeyLimits | null;
  /** Whether only the identity provider of the tenant vouches for who makes it; then the key is no more than such a session. */
  readonly sso: boolean;
  /** Id of the key whose place it takes. */
  readonly replaces?: string;
}

/** Makes a key. The secret is `clp_<id body>_<secret>`; the database keeps only the hash of its last part. */
export async function mintApiKey(sql: pg.ClientBase, key: NewApiKey): Promise<{ apiKey: ApiKeyView; secret: string }> {
  const id = newId(IdPrefix.apiKey);
  const secret = newSecret();
  const { rows } = await sql.query<ApiKeyRow>(
    `INSERT INTO api_key (id, tenant_id, user_id, name, hash, scopes, expires_at, role, project_ids, replaces, sso)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${API_KEY_COLUMNS}`,
    [
      id,
      key.tenantId,
      key.userId,
      key.name,
      secretHash(secret),
      key.scopes,
      key.expiresAt,
      key.limits?.role ?? null,
      key.limits?.projectIds ?? null,
      key.replaces ?? null,
      key.sso,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('the key was not stored');
  return { apiKey: presentApiKey(row), secret: `clp_${id.slice(IdPrefix.apiKey.length + 1)}_${secret}` };
}

export const API_KEY_COLUMNS = 'id, name, scopes, role, project_ids, created_at, last_used_at, expires_at';

export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly role: Role | null;
  readonly project_ids: string[] | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
}

export function presentApiKey(row: ApiKeyRow): ApiKeyView {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    role: row.role,
    projectIds: row.project_ids,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
  };
}
