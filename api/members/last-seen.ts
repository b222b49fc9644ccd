import type { RequestHandler } from 'express';
import type { Database } from '../../prisma/client.ts';
import { contextOf } from '../http/request-context.ts';

const EVERY_MS = 5 * 60_000;

/** Notes when members last asked for anything, at most every five minutes each; a failure to note it fails no request. */
export function noteLastSeen({ database }: { readonly database: Database }, now: () => number = Date.now): RequestHandler {
  const noted = new Map<string, number>();
  return (_request, response, next) => {
    const { actor } = contextOf(response);
    if (actor) {
      const { tenantId, userId } = actor;
      const key = `${tenantId} ${userId}`;
      if (now() - (noted.get(key) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS) {
        noted.set(key, now());
        database
          .withTenantSql(tenantId, (sql) => sql.query('UPDATE membership SET last_seen_at = now() WHERE user_id = $1', [userId]))
          .catch(() => noted.delete(key));
      }
    }
    next();
  };
}
