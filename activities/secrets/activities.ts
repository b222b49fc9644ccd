import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { newId } from '../platform/ids.ts';
import type { Kms } from '../platform/kms.ts';
import type { SecretBox } from '../platform/secrets.ts';
import type { SecretActivities } from './contract.ts';
import { countOld, resealAll } from './reseal.ts';

export interface SecretDeps {
  readonly systemPool: pg.Pool;
  readonly secrets: SecretBox;
  readonly kms: Kms;
}

const KEY_BYTES = 32;

/** The activities of key rotations. */
export function createSecretActivities({ systemPool: pool, secrets, kms }: SecretDeps): SecretActivities {
  return {
    openDataKey: async ({ rotationId }) => {
      const id = newId(IdPrefix.dataKey);
      const wrapped = await kms.wrap(randomBytes(KEY_BYTES), id);
      await pool.query('INSERT INTO data_key (id, wrapped, rotation_id) VALUES ($1, $2, $3) ON CONFLICT (rotation_id) DO NOTHING', [id, wrapped, rotationId]);
    },
    resealSecrets: async ({ rotationId }) => {
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM data_key WHERE rotation_id = $1', [rotationId]);
      const keyId = rows[0]?.id;
      if (!keyId) throw new Error('the rotation has no key yet');
      await rewrapDataKeys(pool, kms);
      await pool.query('UPDATE key_rotation SET total = resealed + $2 WHERE id = $1', [rotationId, await countOld(pool, keyId)]);
      return resealAll(pool, secrets, keyId, async (resealed) => {
        await pool.query('UPDATE key_rotation SET resealed = resealed + $2 WHERE id = $1', [rotationId, resealed]);
      });
    },
    endKeyRotation: async ({ rotationId, unreadable }) => {
      await pool.query("UPDATE key_rotation SET state = 'succeeded', unreadable = $2, finished_at = now() WHERE id = $1 AND state = 'running'", [
        rotationId,
        unreadable,
      ]);
    },
  };
}

/** Data keys that an older key of the key file wrapped, under its newest, so that the older one can be taken out of it. */
async function rewrapDataKeys(pool: pg.Pool, kms: Kms): Promise<void> {
  const { rows } = await pool.query<{ id: string; wrapped: string }>('SELECT id, wrapped FROM data_key');
  for (const { id, wrapped } of rows)
    await pool.query('UPDATE data_key SET wrapped = $2 WHERE id = $1', [id, await kms.wrap(await kms.unwrap(wrapped, id), id)]);
}
