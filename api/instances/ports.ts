import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';

/** Kinds of claws that a tenant may create. */
export interface ClawCatalog {
  /** The adapter of a type. Throws UNKNOWN_TYPE with the types there are. `sql` must run as the tenant. */
  find(sql: pg.ClientBase, type: string): Promise<ClawAdapter>;
  /** Whether claws of a built-in type can chat and have a page of their own; null when the type is none of them. */
  builtIn(type: string): { readonly chat: boolean; readonly page: boolean } | null;
}

/** Waits for operations to end without asking all the time. */
export interface OperationWaiter {
  /** Resolves when the operation ended, the time is over or the signal fires; which of them, the caller reads from the operation. */
  untilEnded(operationId: string, milliseconds: number, signal: AbortSignal): Promise<void>;
}
