import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type { Prisma } from './generated/client.ts';

/** A transaction that sees one tenant's rows. Services receive this, never the root client. */
export type TenantTransaction = Prisma.TransactionClient;

/** How much of a tenant somebody sees who does not see all of it: what hangs on these projects, and what is their own. */
export interface Reach {
  readonly projectIds: readonly string[];
  /** Ids that are themselves: of the person and of the key that they use. */
  readonly selfIds: readonly string[];
}

export interface Database {
  /**
   * Whatever `work` does in any tenant, also later in what it awaits, sees no more than this; null: everything of the tenant.
   * Set for each request where it comes in, so that no query can forget it.
   */
  within<T>(reach: Reach | null, work: () => T): T;
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
  const reaches = new AsyncLocalStorage<Reach | null>();
  return {
    root,
    pool,
    within: (reach, work) => reaches.run(reach, work),
    withTenant: (tenantId, work) => {
      const { projects, self } = settingsOf(reaches.getStore());
      return root.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.tenant', ${tenantId}, true), set_config('app.projects', ${projects}, true), set_config('app.self', ${self}, true)`;
        return work(tx);
      }, TRANSACTION);
    },
    withTenantSql: (tenantId, work) => {
      const { projects, self } = settingsOf(reaches.getStore());
      const limits = projects === '' ? '' : `, ${setting('app.projects', projects)}, ${setting('app.self', self)}`;
      // All in one message: each way to the server and back costs as much as a short query.
      return inTransaction(pool, work, `BEGIN; SELECT ${setting('app.tenant', tenantId)}${limits}`);
    },
    close: async () => {
      await root.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

function setting(name: string, value: string): string {
  return `set_config('${name}', ${pg.escapeLiteral(value)}, true)`;
}

/** As array literals; both empty without limits, which is also what they are outside of such a transaction. */
function settingsOf(reach: Reach | null | undefined): { projects: string; self: string } {
  return reach ? { projects: arrayLiteral(reach.projectIds), self: arrayLiteral(reach.selfIds) } : { projects: '', self: '' };
}

function arrayLiteral(ids: readonly string[]): string {
  return `{${ids.map((id) => `"${id.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
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
