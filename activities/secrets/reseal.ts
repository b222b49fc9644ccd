import type pg from 'pg';
import type { ResealPass } from '../../workflows/contracts/key-rotation.ts';
import type { SecretBox } from '../platform/secrets.ts';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts';

/** So many rows are read at a time; each is written by itself and only if nobody changed it meanwhile. */
const BATCH = 200;

/** How many envelopes older keys sealed. */
export async function countOld(pool: pg.Pool, keyId: string): Promise<number> {
  let count = 0;
  for (const { table, envelope } of SEALED_COLUMNS) {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM ${table} WHERE ${envelope} IS NOT NULL AND sealed_with(${envelope}) IS DISTINCT FROM $1`,
      [keyId],
    );
    count += rows[0]?.count ?? 0;
  }
  return count;
}

/** One pass over every sealed column; `onBatch` is told of each batch that was written. */
export async function resealAll(pool: pg.Pool, secrets: SecretBox, keyId: string, onBatch: (resealed: number) => Promise<void>): Promise<ResealPass> {
  let resealed = 0;
  let unreadable = 0;
  for (const column of SEALED_COLUMNS) {
    for (let after: readonly string[] | null = null; ; ) {
      const batch = await readBatch(pool, column, keyId, after);
      let written = 0;
      for (const row of batch) {
        const fresh = await secrets.reseal(row.envelope).catch(() => null);
        if (fresh === null) unreadable += 1;
        else written += await write(pool, column, row, fresh);
      }
      resealed += written;
      if (written > 0) await onBatch(written);
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) break;
      after = last.key;
    }
  }
  return { resealed, unreadable };
}

interface SealedRow {
  readonly key: readonly string[];
  readonly envelope: string;
}

async function readBatch(pool: pg.Pool, { table, key, envelope }: SealedColumn, keyId: string, after: readonly string[] | null): Promise<SealedRow[]> {
  const place = after ? `AND (${key.join(', ')}) > (${key.map((_, index) => `$${index + 2}`).join(', ')})` : '';
  const { rows } = await pool.query<SealedRow>(
    `SELECT ARRAY[${key.join(', ')}] AS key, ${envelope} AS envelope FROM ${table}
     WHERE ${envelope} IS NOT NULL AND sealed_with(${envelope}) IS DISTINCT FROM $1 ${place} ORDER BY ${key.join(', ')} LIMIT ${BATCH}`,
    [keyId, ...(after ?? [])],
  );
  return rows;
}

/** Compared with what was read: whoever wrote in between did so under a key of their own, and the next pass looks at it. */
async function write(pool: pg.Pool, { table, key, envelope, assign }: SealedColumn, row: SealedRow, fresh: string): Promise<number> {
  const where = key.map((name, index) => `${name} = $${index + 3}`).join(' AND ');
  const { rowCount } = await pool.query(`UPDATE ${table} SET ${assign} WHERE ${envelope} = $2 AND ${where}`, [fresh, row.envelope, ...row.key]);
  return rowCount ?? 0;
}
