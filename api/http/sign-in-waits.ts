import { createHash } from 'node:crypto';
import type pg from 'pg';
import { inTransaction } from '../../prisma/client.ts';

/** Who tries to sign in, and from where. */
export interface SignInAttempt {
  readonly email: string;
  readonly ip: string;
}

/** How long somebody waits after wrong passwords. */
export interface WaitRule {
  /** Wrong ones that cost nothing. */
  readonly free: number;
  readonly longestSeconds: number;
}

/**
 * Whoever guesses from one place soon waits long. An account that is guessed at from many places waits a little, wherever the guess
 * comes from, so nobody can keep its owner out for longer than that; a place from which the owner signed in before does not wait at all.
 */
export const WAIT_RULES = {
  both: { free: 5, longestSeconds: 15 * 60 },
  account: { free: 20, longestSeconds: 30 },
  address: { free: 100, longestSeconds: 30 },
} as const satisfies Record<string, WaitRule>;

const FORGET_SECONDS = 24 * 3600;
const KNOWN_DAYS = 30;

/** Seconds to wait after the last of so many wrong passwords: doubling from one second. Zero while they cost nothing. */
export function waitSeconds(failures: number, { free, longestSeconds }: WaitRule): number {
  return failures < free ? 0 : Math.min(longestSeconds, 2 ** Math.min(failures - free, 20));
}

export interface SignInWaits {
  /**
   * Seconds that are still to be waited. With 0 the attempt may be made and counts as wrong until `succeeded`, so that many at the same
   * time do not pass as one.
   */
  begin(attempt: SignInAttempt): Promise<number>;
  /** Forgives the place and knows it from then on. */
  succeeded(attempt: SignInAttempt): Promise<void>;
}

interface WaitRow {
  readonly key: string;
  readonly failures: number;
  readonly seconds: number;
  readonly known: boolean;
}

/** Waits kept in the database, so that every API process counts together. */
export function createSignInWaits(pool: pg.Pool): SignInWaits {
  return {
    begin: (attempt) => inTransaction(pool, (sql) => begin(sql, keysOf(attempt))),
    succeeded: async (attempt) => {
      const { both, account, address } = keysOf(attempt);
      await pool.query(
        `UPDATE auth.sign_in_wait SET failures = CASE WHEN key = $1 THEN 0 ELSE greatest(failures - 1, 0) END,
           known_until = CASE WHEN key = $1 THEN now() + make_interval(days => $3) ELSE known_until END
         WHERE key IN (SELECT key FROM auth.sign_in_wait WHERE key = ANY($2) ORDER BY key FOR UPDATE)`,
        [both, [both, account, address], KNOWN_DAYS],
      );
      await pool.query(
        'DELETE FROM auth.sign_in_wait WHERE last_failure_at < now() - make_interval(secs => $1) AND (known_until IS NULL OR known_until < now())',
        [FORGET_SECONDS],
      );
    },
  };
}

/** The rows are locked in one order, as everywhere here, so that nobody waits for somebody who waits. */
async function begin(sql: pg.ClientBase, keys: Keys): Promise<number> {
  const all = Object.values(keys).sort();
  await sql.query('INSERT INTO auth.sign_in_wait (key, failures) SELECT unnest($1::text[]), 0 ON CONFLICT (key) DO NOTHING', [all]);
  const { rows } = await sql.query<WaitRow>(
    `SELECT key, failures, extract(epoch FROM now() - last_failure_at)::double precision AS seconds, coalesce(known_until > now(), false) AS known
     FROM auth.sign_in_wait WHERE key = ANY($1) ORDER BY key FOR UPDATE`,
    [all],
  );
  const isKnown = rows.some(({ key, known }) => key === keys.both && known);
  const remaining = Math.max(0, ...rows.map((row) => remainingOf(row, keys, isKnown)));
  if (remaining > 0) return remaining;
  await sql.query(
    `UPDATE auth.sign_in_wait SET last_failure_at = now(), failures = CASE WHEN last_failure_at < now() - make_interval(secs => $2) THEN 1 ELSE failures + 1 END
     WHERE key = ANY($1)`,
    [all, FORGET_SECONDS],
  );
  return 0;
}

function remainingOf({ key, failures, seconds }: WaitRow, keys: Keys, isKnown: boolean): number {
  if (seconds > FORGET_SECONDS || (isKnown && key !== keys.both)) return 0;
  const rule = key === keys.both ? WAIT_RULES.both : key === keys.account ? WAIT_RULES.account : WAIT_RULES.address;
  const wait = waitSeconds(failures, rule);
  // Rounded to milliseconds, what was noted just now may lie ahead of now.
  return wait === 0 ? 0 : Math.max(0, Math.ceil(wait - seconds));
}

interface Keys {
  readonly both: string;
  readonly account: string;
  readonly address: string;
}

/** Digests: the table is no list of who has an account. */
function keysOf({ email, ip }: SignInAttempt): Keys {
  const digest = (kind: string, text: string) => createHash('sha256').update(`${kind}\0${text}`).digest('hex');
  const name = email.trim().toLowerCase();
  return { both: digest('both', `${name}\0${ip}`), account: digest('account', name), address: digest('address', ip) };
}
