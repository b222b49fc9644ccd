import type pg from 'pg';

/** Channel of PostgreSQL on which API processes hear whose rights changed; the payload is the id of the person. */
export const RIGHTS_CHANNEL = 'clawloops_rights';

/**
 * Says, as soon as the transaction commits, that somebody's rights changed: every API process then looks again at the connections that
 * this person has open, and ends those that are no longer theirs.
 */
export async function tellRightsChanged(sql: Pick<pg.ClientBase, 'query'>, userId: string): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [RIGHTS_CHANNEL, userId]);
}
