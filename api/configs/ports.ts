import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';

/** Kinds of claws that configs are for. */
export interface ClawTypes {
  /** The adapter of a type. Throws UNKNOWN_TYPE with the types there are. `sql` must run as the tenant. */
  find(sql: pg.ClientBase, type: string): Promise<ClawAdapter>;
}
