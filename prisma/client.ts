import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type { Prisma } from './generated/client.ts';

/** A transaction that sees one tenant's rows. Services receive this, never the root client. */
export type TenantTransaction = Prisma.TransactionClient;

export interface Database {
  /** Runs `work` in one transaction as the application role with row-level security set to this tenant. */
  withTenant<T>(tenantId: string, work: (tx: TenantTransaction) => Promise<T>): Promise<T>;
  /** The same for the few hot paths that speak SQL: half the latency of an interactive Prisma transaction. */
  withTenantSql<T>(tenantId: string, work: (sql: pg.PoolClient) => Promise<T>): Promise<T>;
  /** For better-auth's adapter and for the lookup functions only: no tenant is set, so no tenant's row is visible. */
  readonly root: PrismaClient;
  /** The pool under both, for readiness checks and tenant-less SQL functions. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections?: number;
  /** Told of connections lost while idle, e.g. when the server restarts; the pool reconnects by itself. */
  readonly onError?: (error: Error) => void;
}

const TRANSACTION = { maxWait: 10_000, timeout: 30_000 } as const;

export function openDatabase({ url, maxConnections = 10, onError = () => undefined }: DatabaseOptions): Database {
  const pool = openPool({ url, maxConnections, onError });
  const root = new PrismaClient({ adapter: new PrismaPg(pool, { onPoolError: onError, onConnectionError: onError }) });
  return {
    root,
    pool,
    withTenant: (tenantId, work) =>
      root.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.tenant', ${tenantId}, true)`;
        return work(tx);
      }, TRANSACTION),
    withTenantSql: (tenantId, work) =>
      // Both in one message: each way to the server and back costs as much as a short query.
      inTransaction(pool, work, `BEGIN; SELECT set_config('app.tenant', ${pg.escapeLiteral(tenantId)}, true)`),
    close: async () => {
      await root.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

/** A pool that survives a restart of the server; used directly only with the system role. */
export function openPool({ url, maxConnections = 5, onError = () => undefined }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, connectionTimeoutMillis: 10_000, keepAlive: true });
  pool.on('error', onError);
  // A checked-out client can lose its server too; without a listener that would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

/** One transaction on one connection; rolls back and rethrows when `work` throws. `begin`: what opens it. */
export async function inTransaction<T>(pool: pg.Pool, work: (sql: pg.PoolClient) => Promise<T>, begin = 'BEGIN'): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollback: Error) => {
      broken = rollback;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
