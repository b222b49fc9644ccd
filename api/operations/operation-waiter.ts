import type pg from 'pg';
import { ENDED_STATES } from '../../workflows/contracts/operation.ts';

interface Waiting {
  readonly operationId: string;
  readonly resolve: () => void;
}

/** Tells that the state of something may have changed. */
interface Wakeups {
  subscribe(listener: () => void): () => void;
}

/**
 * Holds requests until operations end. One query asks for all that wait, whenever the outbox moved; nobody polls. `pool` is of the
 * system role, since those who wait belong to many tenants; only ids of ended operations come back.
 */
export function createOperationWaiter({ pool, wakeups }: { readonly pool: pg.Pool; readonly wakeups: Wakeups }) {
  const waiting = new Set<Waiting>();
  let looking = false;
  let again = false;
  let released = false;

  async function look(): Promise<void> {
    again = true;
    if (looking) return;
    looking = true;
    try {
      while (again && waiting.size > 0) {
        again = false;
        const ids = [...new Set([...waiting].map(({ operationId }) => operationId))];
        const { rows } = await pool.query<{ id: string }>('SELECT id FROM operation WHERE id = ANY($1) AND state = ANY($2)', [ids, ENDED_STATES]);
        const ended = new Set(rows.map((row) => row.id));
        for (const one of waiting) if (ended.has(one.operationId)) one.resolve();
      }
    } catch {
      // The database is away: whoever waits goes on waiting, and the next wake-up asks again.
    } finally {
      looking = false;
    }
  }

  wakeups.subscribe(() => void look());

  return {
    untilEnded: (operationId: string, milliseconds: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const one: Waiting = { operationId, resolve: () => finish() };
        const timer = setTimeout(() => finish(), milliseconds);
        const finish = () => {
          waiting.delete(one);
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        if (signal.aborted || released) return finish();
        signal.addEventListener('abort', finish);
        waiting.add(one);
        void look();
      }),
    /** Lets everybody go, as the process stops, and whoever comes from now on. */
    releaseAll: () => {
      released = true;
      for (const one of [...waiting]) one.resolve();
    },
  };
}

export type OperationWaiter = ReturnType<typeof createOperationWaiter>;
