import type pg from 'pg';
import type { LogLevelOrder } from '../workflows/contracts/log-level.ts';
import { keepSession } from './lasting-session.ts';

export interface FollowOptions {
  /** Connection string of a role that may listen. */
  readonly url: string;
  /** Told of every order that counts, each time this changes; none = all parts log as they are configured. */
  readonly onOrders: (orders: readonly LogLevelOrder[]) => void;
  readonly onLost: (error: Error) => void;
  readonly retryMilliseconds?: number;
}

const READ = 'SELECT part, level, greatest(1, extract(epoch FROM until - now()) * 1000)::integer AS "leftMilliseconds" FROM log_level WHERE until > now()';

/**
 * Follows what the parts are to log. An order ends by the clock of this process, so that it ends while the database is away too.
 */
export function followLogLevels({ url, onOrders, onLost, retryMilliseconds = 2000 }: FollowOptions): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let counting: readonly { readonly order: LogLevelOrder; readonly endsAt: number }[] = [];

  const tell = (): void => {
    clearTimeout(timer);
    const now = performance.now();
    counting = counting.filter(({ endsAt }) => endsAt > now);
    onOrders(counting.map(({ order, endsAt }) => ({ ...order, leftMilliseconds: Math.ceil(endsAt - now) })));
    if (counting.length > 0) timer = setTimeout(tell, Math.ceil(Math.min(...counting.map(({ endsAt }) => endsAt)) - now) + 1);
  };
  const read = async (session: pg.Client): Promise<void> => {
    const { rows } = await session.query<LogLevelOrder>(READ);
    const now = performance.now();
    counting = rows.map((order) => ({ order, endsAt: now + order.leftMilliseconds }));
    tell();
  };
  const session = keepSession({
    url,
    retryMilliseconds,
    prepare: async (client) => {
      // A session that cannot read is one that is being lost, of which onLost hears.
      client.on('notification', () => void read(client).catch(() => undefined));
      await client.query('LISTEN clawloops_log_level');
      await read(client);
    },
    onReady: () => undefined,
    onLost,
  });
  return {
    close: () => {
      clearTimeout(timer);
      return session.close();
    },
  };
}

/** Makes a part log at this level for so long, or null: as configured again. Commits with the caller's transaction. */
export async function orderLogLevel(sql: pg.ClientBase, part: string, level: string | null, forSeconds: number): Promise<void> {
  if (level === null) await sql.query('DELETE FROM log_level WHERE part = $1', [part]);
  else
    await sql.query(
      `INSERT INTO log_level (part, level, until) VALUES ($1, $2, now() + $3 * interval '1 second')
       ON CONFLICT (part) DO UPDATE SET level = excluded.level, until = excluded.until`,
      [part, level, forSeconds],
    );
  await sql.query("SELECT pg_notify('clawloops_log_level', $1)", [part]);
}

export interface LogLevelRow {
  readonly part: string;
  readonly level: string;
  readonly until: Date;
}

/** The orders that count now. */
export async function currentLogLevels(sql: Pick<pg.ClientBase, 'query'>): Promise<LogLevelRow[]> {
  const { rows } = await sql.query<LogLevelRow>('SELECT part, level, until FROM log_level WHERE until > now() ORDER BY part');
  return rows;
}
