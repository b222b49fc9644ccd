import pg from 'pg';

export interface LastingSessionOptions {
  /** A role and an address with sessions of their own: a pooler in transaction mode does not do. */
  readonly url: string;
  readonly retryMilliseconds: number;
  /** Makes a fresh session what it is for, such as one that listens or holds a lock. Rejecting counts as a loss. */
  readonly prepare: (session: pg.Client) => Promise<unknown>;
  /** Told each time a session is prepared. */
  readonly onReady: () => void;
  /** Told once for each session that was lost or could not be had; the next is tried by itself. */
  readonly onLost: (error: Error) => void;
}

/** A database session that is opened again whenever it is lost. */
export function keepSession({ url, retryMilliseconds, prepare, onReady, onLost }: LastingSessionOptions): { close(): Promise<void> } {
  let session: pg.Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function open(): Promise<void> {
    const client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 10_000 });
    let gone = false;
    const lost = (error: Error) => {
      // A broken connection is told several times: by an error, by its end, and by the query that waited.
      if (gone || closed) return;
      gone = true;
      session = null;
      client.end().catch(() => undefined);
      onLost(error);
      retry = setTimeout(() => void open(), retryMilliseconds);
    };
    client.on('error', lost);
    client.on('end', () => lost(new Error('ended')));
    try {
      await client.connect();
      if (closed) return await client.end();
      session = client;
      await prepare(client);
      if (!gone && !closed) onReady();
    } catch (error) {
      lost(error as Error);
    }
  }

  void open();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await session?.end().catch(() => undefined);
    },
  };
}
