import type pg from 'pg';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { SecretValue } from '../../workflows/contracts/workload.ts';
import type { ClawAdapter } from '../adapters/adapter.ts';
import { newId, newSecret, secretHash } from '../platform/ids.ts';
import type { SecretBox } from '../platform/secrets.ts';

/** A model key of an instance. `sealed` is there only until its delivery was confirmed. */
export interface ModelKey {
  readonly id: string;
  readonly generation: number;
  readonly state: 'minted' | 'delivered';
  readonly sealed: string | null;
}

/** The newest key that was not revoked, or null. */
export async function currentKey(sql: pg.PoolClient, instanceId: string): Promise<ModelKey | null> {
  const { rows } = await sql.query<ModelKey>({
    name: 'current-model-key',
    text: "SELECT id, generation, state, sealed FROM model_key WHERE instance_id = $1 AND state <> 'revoked' ORDER BY generation DESC LIMIT 1",
    values: [instanceId],
  });
  return rows[0] ?? null;
}

/** Whether the claw has the key or can be given it: one in the environment is lost with the record of the workload. */
export function isUsable(key: ModelKey, delivery: ClawAdapter['modelKeyDelivery'], held: readonly SecretValue[]): boolean {
  return key.sealed !== null || delivery !== 'env' || held.some(({ value }) => value.startsWith(`${key.id}_`));
}

/** Mints the key of a generation; asking again for the same generation changes nothing. */
export async function mintKey(
  sql: pg.PoolClient,
  secrets: SecretBox,
  owner: { readonly tenantId: string; readonly projectId: string; readonly instanceId: string; readonly generation: number },
): Promise<void> {
  const id = newId(IdPrefix.modelKey);
  const secret = newSecret();
  const sealed = await secrets.seal(`${id}_${secret}`, sealContext(id));
  await sql.query(
    `INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (instance_id, generation) DO NOTHING`,
    [id, owner.tenantId, owner.projectId, owner.instanceId, owner.generation, secretHash(secret), sealed],
  );
}

/** Opens the copy of a key whose delivery has not been confirmed; null when the copy is gone. */
export async function openKey(secrets: SecretBox, key: ModelKey): Promise<string | null> {
  return key.sealed === null ? null : secrets.open(key.sealed, sealContext(key.id));
}

/** Says that the claw has been given the key. */
export async function markDelivered(sql: pg.PoolClient, keyId: string): Promise<void> {
  await sql.query("UPDATE model_key SET state = 'delivered', delivered_at = coalesce(delivered_at, now()) WHERE id = $1 AND state = 'minted'", [keyId]);
}

/** Ends a rotation: every older key stops working, and where a model answered to the new one, its copy is dropped. */
export async function confirmKey(sql: pg.PoolClient, instanceId: string, key: ModelKey, answered: boolean): Promise<void> {
  if (answered) await sql.query("UPDATE model_key SET sealed = NULL WHERE id = $1 AND state = 'delivered'", [key.id]);
  await sql.query(
    "UPDATE model_key SET state = 'revoked', revoked_at = now(), sealed = NULL WHERE instance_id = $1 AND generation < $2 AND state <> 'revoked'",
    [instanceId, key.generation],
  );
}

/** Revokes every key of the instance; answers how many that were. */
export async function revokeKeys(sql: pg.PoolClient, instanceId: string): Promise<number> {
  const { rowCount } = await sql.query(
    "UPDATE model_key SET state = 'revoked', revoked_at = now(), sealed = NULL WHERE instance_id = $1 AND state <> 'revoked'",
    [instanceId],
  );
  return rowCount ?? 0;
}

function sealContext(keyId: string): string {
  return `model-key/${keyId}`;
}
