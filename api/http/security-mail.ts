import type { Logger } from '../../activities/platform/logger.ts';
import type { Mailbox } from '../../activities/platform/mailbox.ts';
import { type Database, inTransaction } from '../../prisma/client.ts';
import type { SecurityChange } from '../../workflows/contracts/mail.ts';
import { mailLocaleOf } from './mail.ts';
import type { AccountHolder } from './session.ts';

/** Writes to whoever owns an account that what protects it was changed. Without a mail server, and when it cannot be written, nothing happens. */
export function createSecurityMail({ database, mailbox, logger }: { readonly database: Database; readonly mailbox: Mailbox; readonly logger: Logger }) {
  return async (person: AccountHolder, change: SecurityChange, acceptLanguage: string | null | undefined): Promise<void> => {
    if (!mailbox.configured) return;
    const vars = { name: person.name, change, at: new Date().toISOString() };
    const mail = { tenantId: null, to: person.email, locale: mailLocaleOf(acceptLanguage), template: 'security-changed', vars } as const;
    await inTransaction(database.pool, (sql) => mailbox.enqueue(sql, mail)).catch((error: Error) =>
      logger.warn({ kind: error.name }, 'nobody could be told of a change to their account'),
    );
  };
}
