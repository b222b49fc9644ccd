import { createAdapter } from '@socket.io/postgres-adapter';
import type pg from 'pg';
import type { Server } from 'socket.io';
import type { Logger } from '../../activities/platform/logger.ts';
import { openPool } from '../../prisma/client.ts';

const NEVER_MS = 2 ** 31 - 1;

/** Lets several API processes speak to one another's sockets, through the database. */
export function fanOut(io: Server, { url, logger }: { readonly url: string; readonly logger: Logger }): { close(): Promise<void> } {
  const pool = openPool({ url, maxConnections: 3, onError: (error) => logger.warn({ reason: error.message }, 'a database connection was lost') });
  let closed = false;
  const lent = new Set<pg.PoolClient>();
  pool.on('release', (_error, client) => void lent.delete(client));
  const lending = {
    query: (text: string, values?: unknown[]) => pool.query(text, values),
    // The adapter forgets a connection that was lost without giving it back; the pool would count it as lent for ever. One that
    // comes after the end is kept from it, or it would be lent for ever too.
    connect: async () => {
      const client = await pool.connect();
      if (closed) {
        client.release(true);
        return new Promise<never>(() => undefined);
      }
      lent.add(client);
      client.once('end', () => client.release(true));
      return client;
    },
  };
  // Messages are a few ids, so the adapter's table for large ones is never used nor cleaned.
  const errorHandler = (error: Error) => logger.debug({ reason: error.message }, 'a message did not reach the other API processes');
  io.adapter(createAdapter(lending as never, { cleanupInterval: NEVER_MS, errorHandler }));
  return {
    close: () => {
      closed = true;
      // An adapter that was closed before it got its connection holds that one for ever.
      for (const client of lent) {
        client.removeAllListeners('end');
        client.release(true);
      }
      return pool.end();
    },
  };
}
