import type { RequestHandler } from 'express';
import type { Database } from '../../prisma/client.ts';
import { atMostEvery } from '../http/at-most-every.ts';
import { contextOf } from '../http/request-context.ts';

const EVERY_MS = 5 * 60_000;

/** Notes when members last asked for anything, at most every five minutes each; a failure to note it fails no request. */
export function noteLastSeen({ database }: { readonly database: Database }): RequestHandler {
  const notes = atMostEvery(EVERY_MS);
  return (_request, response, next) => {
    const { actor } = contextOf(response);
    if (actor) {
      const { tenantId, userId } = actor;
      const key = `${tenantId} ${userId}`;
      if (notes.isDue(key)) {
        notes.noted(key);
        database
          .withTenantSql(tenantId, (sql) => sql.query('UPDATE membership SET last_seen_at = now() WHERE user_id = $1', [userId]))
          .catch(() => notes.forget(key));
      }
    }
    next();
  };
}
