import type pg from 'pg';
import { newSecret, secretHash } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';

/** What a code sent by mail is good for. */
export const CodePurpose = { verifyEmail: 'verify-email', resetPassword: 'reset-password' } as const;
export type CodePurpose = (typeof CodePurpose)[keyof typeof CodePurpose];

/** Whose address a code proves. */
export interface CodeOwner {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}

const LIVES_SECONDS = 3600;
const EVERY_SECONDS = 60;

/** Makes a single-use code; an earlier one of its kind stops working. Null when there was one within the last minute. */
export async function makeCode(sql: pg.ClientBase, purpose: CodePurpose, userId: string, email: string): Promise<string | null> {
  const code = newSecret();
  const { rowCount } = await sql.query(
    `INSERT INTO auth.account_code AS c (hash, user_id, purpose, email, expires_at) VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
     ON CONFLICT (user_id, purpose) DO UPDATE SET hash = excluded.hash, email = excluded.email, expires_at = excluded.expires_at, created_at = now()
     WHERE c.created_at < now() - make_interval(secs => $6)`,
    [secretHash(code), userId, purpose, email, LIVES_SECONDS, EVERY_SECONDS],
  );
  return rowCount === 1 ? code : null;
}

const OWNER = `JOIN auth."user" u ON u.id = c.user_id AND u.email = c.email AND u.disabled_at IS NULL WHERE c.hash = $1 AND c.purpose = $2 AND c.expires_at > now()`;

/** Whose code it is, while it is good. Throws CODE_INVALID, also when the person has another address since. */
export async function ownerOfCode(sql: Pick<pg.ClientBase, 'query'>, purpose: CodePurpose, code: string): Promise<CodeOwner> {
  const { rows } = await sql.query<CodeOwner>(`SELECT u.id AS "userId", u.name, u.email FROM auth.account_code c ${OWNER}`, [secretHash(code), purpose]);
  if (!rows[0]) throw new Failure('CODE_INVALID');
  return rows[0];
}

/** Uses a code up. Throws CODE_INVALID: of several at the same time one succeeds. */
export async function useCode(sql: pg.ClientBase, purpose: CodePurpose, code: string): Promise<CodeOwner> {
  const owner = await ownerOfCode(sql, purpose, code);
  const { rowCount } = await sql.query('DELETE FROM auth.account_code WHERE hash = $1 AND purpose = $2', [secretHash(code), purpose]);
  if (rowCount !== 1) throw new Failure('CODE_INVALID');
  return owner;
}
