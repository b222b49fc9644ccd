import type pg from 'pg';
import { Failure, type FailureView, failureView, isFailure } from '../../workflows/contracts/failures.ts';
import { type MailContent, type MailLocale, type MailOrder, MailState } from '../../workflows/contracts/mail.ts';
import type { SmtpClient } from '../clients/smtp/smtp-client.ts';
import type { SecretBox } from '../platform/secrets.ts';
import { renderMail } from './render-mail.ts';

export interface MailDeps {
  /** Role clawloops_system: messages of all tenants and of none. */
  readonly systemPool: pg.Pool;
  readonly secrets: SecretBox;
  /** Null while the worker knows no mail server. */
  readonly smtp: SmtpClient | null;
}

interface MailRow {
  readonly recipient: string;
  readonly template: string;
  readonly locale: MailLocale;
  readonly sealed: string | null;
  readonly state: MailState;
}

/** See {@link MailActivities.sendMail}. */
export async function sendMail({ systemPool, secrets, smtp }: MailDeps, { mailId }: MailOrder): Promise<{ state: MailState }> {
  const { rows } = await systemPool.query<MailRow>(
    "UPDATE mail_message SET attempts = attempts + 1 WHERE id = $1 AND state = 'waiting' RETURNING recipient, template, locale, sealed, state",
    [mailId],
  );
  const [row] = rows;
  if (!row?.sealed) return stateOf(systemPool, mailId);
  try {
    if (!smtp) throw new Failure('MAIL_UNAVAILABLE', 'The worker knows no mail server.');
    const vars = JSON.parse(await secrets.open(row.sealed, `mail/${mailId}`)) as MailContent['vars'];
    const mail = renderMail({ template: row.template, vars } as MailContent, row.locale);
    await smtp.send({ to: row.recipient, id: mailId, ...mail });
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.code === 'MAIL_REFUSED') return end(systemPool, mailId, MailState.failed, failureView(error));
    await systemPool.query('UPDATE mail_message SET error = $2 WHERE id = $1', [mailId, JSON.stringify(failureView(error))]);
    throw error;
  }
  return end(systemPool, mailId, MailState.sent, null);
}

/** See {@link MailActivities.giveUpMail}. */
export function giveUpMail({ systemPool }: MailDeps, { mailId }: MailOrder): Promise<{ state: MailState }> {
  return end(systemPool, mailId, MailState.failed, failureView(new Failure('MAIL_UNAVAILABLE', 'The mail server took the message at no time of a day.')));
}

async function end(pool: pg.Pool, mailId: string, state: MailState, error: FailureView | null): Promise<{ state: MailState }> {
  await pool.query("UPDATE mail_message SET state = $2, error = $3, sealed = NULL, ended_at = now() WHERE id = $1 AND state = 'waiting'", [
    mailId,
    state,
    error && JSON.stringify(error),
  ]);
  return stateOf(pool, mailId);
}

/** A message that is gone has ended too. */
async function stateOf(pool: pg.Pool, mailId: string): Promise<{ state: MailState }> {
  const { rows } = await pool.query<{ state: MailState }>('SELECT state FROM mail_message WHERE id = $1', [mailId]);
  return { state: rows[0]?.state ?? MailState.failed };
}
