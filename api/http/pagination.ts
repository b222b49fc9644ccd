import { z } from 'zod';
import { Failure } from '../../workflows/contracts/failures.ts';

/** A page as every list answers it. */
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

/** Where a page ended: the sort it was made with, the last row's value in it and its id. */
export interface Position {
  readonly sort: string;
  readonly value: string;
  readonly id: string;
}

/** Anybody may write a cursor, so its text is only text that a database takes. */
const text = z.string().regex(/^[\x20-\x7e]*$/);
const position = z.strictObject({ sort: text, value: text, id: text });

export function encodeCursor(at: Position): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

/** Throws VALIDATION_FAILED when the cursor was not made by the same sort of the same kind of list, whose values are all `isValue`. */
export function decodeCursor(cursor: string | undefined, sort: string, isValue: (value: string) => boolean = () => true): Position | null {
  if (cursor === undefined) return null;
  try {
    const parsed = position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.sort === sort && isValue(parsed.value)) return parsed;
  } catch {
    // Falls through to the one answer for every wrong cursor.
  }
  throw new Failure('VALIDATION_FAILED', 'The cursor does not belong to this list.', {
    errors: [{ path: '/query/cursor', message: 'must be the nextCursor of a page of the same list with the same sort' }],
    nextStep: 'Start again without a cursor.',
  });
}

/** Makes the page of `limit` rows out of up to `limit + 1`. */
export function pageOfRows<R, T>(rows: readonly R[], limit: number, positionOf: (row: R) => Position, present: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(present), nextCursor: rows.length > limit && last ? encodeCursor(positionOf(last)) : null };
}
