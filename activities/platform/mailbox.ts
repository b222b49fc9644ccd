import type pg from 'pg';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { MailContent, MailLocale } from '../../workflows/contracts/mail.ts';
import { newId } from './ids.ts';
import type { SecretBox } from './secrets.ts';

/** A message to one person. `tenantId`: null for mail about an account; else the tenant as which the transaction runs. */
export type NewMail = MailContent & {
  readonly tenantId: string | null;
  readonly to: string;
  readonly locale: MailLocale;
};

/** The way to write to people. */
export interface Mailbox {
  /** False while no mail server is set up: then nothing may be enqueued, and whoever asked for mail is told MAIL_NOT_CONFIGURED. */
  readonly configured: boolean;
  /** Commits a message with the transaction it belongs to; it is sent within seconds of the commit. Answers its id, `mai_…`. */
  enqueue(sql: Pick<pg.ClientBase, 'query'>, mail: NewMail): Promise<string>;
}

/** A mailbox whose messages only the worker can open. */
export function createMailbox(secrets: SecretBox, configured: boolean): Mailbox {
  return {
    configured,
    enqueue: async (sql, { tenantId, to, template, locale, vars }) => {
      if (!configured) throw new Error('mail was enqueued although no mail server is set up');
      const id = newId(IdPrefix.mail);
      const sealed = await secrets.seal(JSON.stringify(vars), `mail/${id}`);
      await sql.query('SELECT enqueue_mail($1, $2, $3, $4, $5, $6)', [id, tenantId, to, template, locale, sealed]);
      return id;
    },
  };
}
