import type pg from 'pg';
import { secretMatches } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { ExpiringCache } from './expiring-cache.ts';

/** Whose key it is: the instance that calls. */
export interface ModelCaller {
  readonly keyId: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly instanceId: string;
}

/** Finds out who calls from an `Authorization` header. Throws Failure UNAUTHENTICATED. */
export type ModelKeyCheck = (authorization: string | undefined) => Promise<ModelCaller>;

interface KeyRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly instance_id: string;
  readonly hash: string;
  readonly state: string;
}

const KEY = new RegExp(`^Bearer +(${idPattern(IdPrefix.modelKey).slice(1, -1)})_([\\w-]{16,128})$`, 'i');
/** Compared when there is no such key, so that the time of an answer does not tell whether an id exists. */
const NOBODY = '0'.repeat(64);

/** How long a key that was found is believed without asking again: a revoked key may live on that long. */
export const KEY_CACHE_MS = 2_000;

/** `pool` belongs to the application role; the lookup function needs no tenant. */
export function createModelKeyCheck(pool: pg.Pool, options: { readonly cacheMs?: number; readonly now?: () => number } = {}): ModelKeyCheck {
  const cache = new ExpiringCache<KeyRow | null>({ ttlMs: options.cacheMs ?? KEY_CACHE_MS, now: options.now });
  const lookUp = async (id: string): Promise<KeyRow | null> => {
    const { rows } = await pool.query<KeyRow>({ name: 'lookup-model-key', text: 'SELECT * FROM lookup_model_key($1)', values: [id] });
    return rows[0] ?? null;
  };
  return async (authorization) => {
    const [, id, secret] = KEY.exec(authorization ?? '') ?? [];
    if (!id || !secret) throw refused('A model key is missing.');
    const row = await cache.load(id, () => lookUp(id));
    const matches = secretMatches(secret, row?.hash ?? NOBODY);
    if (!row || !matches || row.state === 'revoked') throw refused('This model key is not valid.');
    return { keyId: row.id, tenantId: row.tenant_id, projectId: row.project_id, instanceId: row.instance_id };
  };
}

function refused(message: string): Failure {
  return new Failure('UNAUTHENTICATED', message, {
    nextStep: 'Send the key of the instance as Authorization: Bearer clk_…; rotate the key of the instance to get a new one.',
  });
}
