import type { PoolClient } from 'pg';
import { eventually, type Fleet } from '../testing/fleet.ts';

/** A table held back by an outsider, so that whoever needs it next waits in the middle of its work. */
export interface HeldTable {
  /** Resolves when somebody waits for the table. */
  waitForVictim(): Promise<void>;
  release(): Promise<void>;
}

/** `writers`: readers pass. `everybody`: nobody does. */
export type HoldFrom = 'writers' | 'everybody';

const MODES = { writers: 'SHARE ROW EXCLUSIVE', everybody: 'ACCESS EXCLUSIVE' } as const;

export async function holdTable(fleet: Fleet, table: string, from: HoldFrom = 'writers'): Promise<HeldTable> {
  const client: PoolClient = await fleet.database.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ${MODES[from]} MODE`);
  return {
    waitForVictim: async () => {
      await eventually(`somebody waits for ${table}`, 60, async () => {
        const { rowCount } = await fleet.database.query('SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass', [table]);
        return (rowCount ?? 0) > 0;
      });
    },
    release: async () => {
      await client.query('ROLLBACK');
      client.release();
    },
  };
}
