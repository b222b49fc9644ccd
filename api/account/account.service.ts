import type pg from 'pg';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Mailbox } from '../../activities/platform/mailbox.ts';
import { type Database, inTransaction } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { SecurityChange } from '../../workflows/contracts/mail.ts';
import { mailLocaleOf } from '../http/mail.ts';
import type { PasswordRules } from '../http/password-rules.ts';
import type { AccountHolder, Sessions } from '../http/session.ts';
import type { SignInWaits } from '../http/sign-in-waits.ts';
import type { SessionView } from './account.schema.ts';
import { CodePurpose, makeCode, ownerOfCode, useCode } from './account-codes.ts';
import type { OwnSession } from './own-session.ts';

export interface AccountDeps {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly mailbox: Mailbox;
  readonly passwords: PasswordRules;
  readonly waits: SignInWaits;
  readonly onSecurityChange: (person: AccountHolder, change: SecurityChange, acceptLanguage: string | null | undefined) => Promise<void>;
  readonly publicUrl: string;
  readonly logger: Logger;
}

interface SessionRow {
  readonly id: string;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly expires_at: Date;
}

/** Where somebody is signed in. */
export async function listSessions(pool: pg.Pool, { id: currentId, user }: OwnSession): Promise<SessionView[]> {
  const { rows } = await pool.query<SessionRow>(
    `SELECT id, ip_address, user_agent, created_at, updated_at, expires_at FROM auth.session WHERE user_id = $1 AND expires_at > now()
     ORDER BY id = $2 DESC, updated_at DESC, id LIMIT 200`,
    [user.id, currentId],
  );
  return rows.map((row) => ({
    id: row.id,
    current: row.id === currentId,
    ip: row.ip_address || null,
    userAgent: row.user_agent || null,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.updated_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

/** Throws NOT_FOUND for a session that is not the caller's. */
export async function endSession(pool: pg.Pool, { user }: OwnSession, id: string): Promise<void> {
  const { rowCount } = await pool.query('DELETE FROM auth.session WHERE id = $1 AND user_id = $2', [id, user.id]);
  if (rowCount !== 1) throw new Failure('NOT_FOUND', 'There is no such session.');
}

export async function endOtherSessions(pool: pg.Pool, { id, user }: OwnSession): Promise<void> {
  await pool.query('DELETE FROM auth.session WHERE user_id = $1 AND id <> $2', [user.id, id]);
}

/** Throws MAIL_NOT_CONFIGURED, RATE_LIMITED within a minute after the last. */
export async function sendVerification({ database, mailbox, publicUrl }: AccountDeps, { user }: OwnSession, acceptLanguage: string | undefined): Promise<void> {
  if (!mailbox.configured) throw new Failure('MAIL_NOT_CONFIGURED');
  if (user.emailVerified) return;
  await inTransaction(database.pool, async (sql) => {
    const code = await makeCode(sql, CodePurpose.verifyEmail, user.id, user.email);
    if (!code) throw new Failure('RATE_LIMITED', 'A mail was sent less than a minute ago.', { nextStep: 'Look into your mail, or try again in a minute.' });
    const vars = { name: user.name, link: `${publicUrl}/verify#code=${code}` };
    await mailbox.enqueue(sql, { tenantId: null, to: user.email, template: 'verify-email', locale: mailLocaleOf(acceptLanguage), vars });
  });
}

/** Throws CODE_INVALID. */
export async function confirmEmail({ database }: AccountDeps, code: string): Promise<void> {
  await inTransaction(database.pool, async (sql) => {
    const { userId } = await useCode(sql, CodePurpose.verifyEmail, code);
    await sql.query('UPDATE auth."user" SET email_verified = true, updated_at = now() WHERE id = $1', [userId]);
  });
}

/**
 * Throws MAIL_NOT_CONFIGURED. Whether there is such an account shows neither in the answer nor in the time it takes: the mail is
 * written after the answer. Whoever came by their organization so far has none yet, and chooses their first one so.
 */
export async function sendPasswordReset(deps: AccountDeps, email: string, acceptLanguage: string | undefined): Promise<void> {
  const { database, mailbox, logger } = deps;
  if (!mailbox.configured) throw new Failure('MAIL_NOT_CONFIGURED');
  const { rows } = await database.pool.query<AccountHolder>('SELECT u.id, u.name, u.email FROM auth."user" u WHERE u.email = $1 AND u.disabled_at IS NULL', [
    email.toLowerCase(),
  ]);
  const [person] = rows;
  if (person) {
    writeResetMail(deps, person, acceptLanguage).catch((error: Error) => logger.warn({ kind: error.name }, 'a mail for a new password could not be written'));
  }
}

async function writeResetMail({ database, mailbox, publicUrl }: AccountDeps, person: AccountHolder, acceptLanguage: string | undefined): Promise<void> {
  await inTransaction(database.pool, async (sql) => {
    const code = await makeCode(sql, CodePurpose.resetPassword, person.id, person.email);
    // Somebody keeps asking; the mail of a minute ago does.
    if (!code) return;
    const vars = { name: person.name, link: `${publicUrl}/reset#code=${code}` };
    await mailbox.enqueue(sql, { tenantId: null, to: person.email, template: 'reset-password', locale: mailLocaleOf(acceptLanguage), vars });
  });
}

const FIRST_PASSWORD = `INSERT INTO auth.account (id, account_id, provider_id, user_id, password, updated_at)
  VALUES (replace(gen_random_uuid()::text, '-', ''), $1, 'credential', $1, $2, now())`;

/** Throws PASSWORD_WEAK and PASSWORD_BREACHED, which leave the code good, and CODE_INVALID. */
export async function resetPassword(
  deps: AccountDeps,
  { code, password }: { readonly code: string; readonly password: string },
  from: { readonly ip: string; readonly acceptLanguage: string | undefined },
): Promise<void> {
  const { database, sessions, passwords, waits, onSecurityChange } = deps;
  const { name, email } = await ownerOfCode(database.pool, CodePurpose.resetPassword, code);
  await passwords.check(password, '/password', [name, email]);
  // Before the transaction, because it takes long on purpose.
  const hash = await (await sessions.$context).password.hash(password);
  const owner = await inTransaction(database.pool, async (sql) => {
    const used = await useCode(sql, CodePurpose.resetPassword, code);
    const changed = await sql.query("UPDATE auth.account SET password = $2, updated_at = now() WHERE user_id = $1 AND provider_id = 'credential'", [
      used.userId,
      hash,
    ]);
    if (changed.rowCount === 0) await sql.query(FIRST_PASSWORD, [used.userId, hash]);
    await sql.query('UPDATE auth."user" SET email_verified = true, updated_at = now() WHERE id = $1', [used.userId]);
    await sql.query('DELETE FROM auth.session WHERE user_id = $1', [used.userId]);
    return used;
  });
  await waits.succeeded({ email: owner.email, ip: from.ip });
  await onSecurityChange({ ...owner, id: owner.userId }, SecurityChange.password, from.acceptLanguage);
}
