import type pg from 'pg';
import { type SecretBox, secretContext } from '../../activities/platform/secrets.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { audit } from '../http/audit.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';

interface Row {
  readonly name: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_updated_by: string;
}

const COLUMNS = 'name, created_at, updated_at, last_updated_by';

function present(row: Row) {
  return { name: row.name, createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString(), lastUpdatedBy: row.last_updated_by };
}

/** Names of the stored secrets; nothing else of them leaves the database. */
export async function listSecrets(sql: pg.ClientBase) {
  const { rows } = await sql.query<Row>(`SELECT ${COLUMNS} FROM config_secret ORDER BY name`);
  return rows.map(present);
}

/** Stores a secret or gives it a new value. */
export async function putSecret(sql: pg.ClientBase, secrets: SecretBox, context: RequestContext, name: string, value: string) {
  const { tenantId, userId } = actorOf(context);
  const sealed = await secrets.seal(value, secretContext(tenantId, name));
  const { rows } = await sql.query<Row>(
    `INSERT INTO config_secret (tenant_id, name, sealed, created_by, last_updated_by) VALUES ($1, $2, $3, $4, $4)
     ON CONFLICT (tenant_id, name) DO UPDATE SET sealed = excluded.sealed, updated_at = now(), last_updated_by = excluded.last_updated_by
     RETURNING ${COLUMNS}`,
    [tenantId, name, sealed, userId],
  );
  if (!rows[0]) throw new Error('a stored secret has no row');
  await audit(sql, context, { action: 'config-secret.store', target: name });
  return present(rows[0]);
}

/** Forgets a secret. Throws NOT_FOUND. */
export async function deleteSecret(sql: pg.ClientBase, context: RequestContext, name: string): Promise<void> {
  const { rowCount } = await sql.query('DELETE FROM config_secret WHERE name = $1', [name]);
  if (rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such stored secret.');
  await audit(sql, context, { action: 'config-secret.forget', target: name });
}
