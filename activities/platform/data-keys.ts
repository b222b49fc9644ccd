import type pg from 'pg';
import { createFileKms, type Kms } from './kms.ts';
import { type KeyRing, type Keys, keysOf, type NamedKey } from './secrets.ts';

/** Longest time after which a process seals with a new key. */
export const KEY_FRESH_MS = 5_000;

export interface DataKeyOptions {
  /** The key file: its keys seal until the first rotation, and open what they sealed for ever. */
  readonly ring: KeyRing;
  readonly kms: Kms;
  /** May read `data_key`; the system role. */
  readonly pool: Pick<pg.Pool, 'query'>;
  /** Told when the database could not say which key is the newest. */
  readonly onError?: (error: Error) => void;
  /** Milliseconds that only go forward. */
  readonly clock?: () => number;
}

/** Keys as a process for one piece of work needs them, which reads the database that `pool` is of. */
export function dataKeysOf(ring: KeyRing, pool: DataKeyOptions['pool']): Keys {
  return createDataKeys({ ring, kms: createFileKms(ring), pool });
}

interface Row {
  readonly id: string;
  readonly wrapped: string;
}

/**
 * The data keys of the database, unwrapped in memory: the newest seals, each opens. A process learns of a new one within KEY_FRESH_MS without a
 * restart. While the database does not answer it seals with the last it knew; whatever sealed, every key goes on opening.
 */
export function createDataKeys({ ring, kms, pool, onError = () => undefined, clock = () => performance.now() }: DataKeyOptions): Keys {
  const file = keysOf(ring);
  const known = new Map<string, Uint8Array>();
  let newest: NamedKey | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;

  async function keyOf({ id, wrapped }: Row): Promise<Uint8Array> {
    const key = known.get(id) ?? (await kms.unwrap(wrapped, id));
    known.set(id, key);
    return key;
  }

  async function ask(): Promise<void> {
    const began = clock();
    try {
      const { rows } = await pool.query<Row>('SELECT id, wrapped FROM data_key ORDER BY created_at DESC, id DESC LIMIT 1');
      const [row] = rows;
      newest = row ? { id: row.id, key: await keyOf(row) } : null;
      askedAt = began;
    } catch (error) {
      askedAt = began;
      onError(error as Error);
    }
  }

  return {
    sealing: async () => {
      if (clock() - askedAt >= KEY_FRESH_MS) {
        asking ??= ask().finally(() => {
          asking = null;
        });
        await asking;
      }
      return newest ?? file.sealing();
    },
    opening: async (id) => {
      const key = known.get(id) ?? ring.keys.get(id);
      if (key) return key;
      const { rows } = await pool.query<Row>('SELECT id, wrapped FROM data_key WHERE id = $1', [id]);
      return rows[0] ? keyOf(rows[0]) : file.opening(id);
    },
  };
}
