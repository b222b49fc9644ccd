import type pg from 'pg';
import { newId } from '../activities/platform/ids.ts';
import type { Mailbox } from '../activities/platform/mailbox.ts';
import { EventType } from '../workflows/contracts/events.ts';
import { IdPrefix } from '../workflows/contracts/ids.ts';
import type { MailLocale } from '../workflows/contracts/mail.ts';
import { NOTIFICATIONS, type NotificationContent, type NotificationData, type NotificationKind } from '../workflows/contracts/notification.ts';
import { insertEvent } from './outbox-event.ts';

/** Something that people should know. */
export interface NoticeOf<K extends NotificationKind> {
  readonly tenantId: string;
  readonly kind: K;
  readonly subject: { readonly id: string; readonly name: string };
  readonly data: NotificationData[K];
  /** Who is told: those with one of these roles in the tenant, and these people as long as they belong to it. */
  readonly to: { readonly roles?: readonly string[]; readonly userIds?: readonly string[]; readonly except?: readonly string[] };
  /** The same of a second notice makes it say nothing new, so that whoever writes it may try again. */
  readonly dedupeKey: string;
  /** Path of the portal that it leads to, e.g. `/rollouts/rol_…`. */
  readonly path: string;
}
export type Notice = { readonly [K in NotificationKind]: NoticeOf<K> }[NotificationKind];

/** Tells people what waits for them or went wrong, each in the ways that they chose. */
export interface Notifier {
  /** Commits it with the transaction it belongs to, which must run as that tenant. */
  notify(sql: pg.ClientBase, notice: Notice): Promise<void>;
}

interface Recipient {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly in_portal: boolean;
  readonly by_mail: boolean;
  readonly locale: MailLocale;
}

/** `publicUrl`: where people reach the portal, without a trailing slash. */
export function createNotifier({ mailbox, publicUrl }: { readonly mailbox: Mailbox; readonly publicUrl: string }): Notifier {
  return {
    notify: async (sql, notice) => {
      for (const person of await recipients(sql, notice)) {
        // Whoever wants it by mail alone still has a row, read from the beginning: it tells that the mail was written.
        if (!(await insertNotification(sql, notice, person))) continue;
        if (person.in_portal)
          await insertEvent(sql, { tenantId: notice.tenantId, source: '/worker', type: EventType.notificationUpdated, subject: person.user_id });
        if (person.by_mail && mailbox.configured) await write(mailbox, sql, notice, person, `${publicUrl}${notice.path}`);
      }
    },
  };
}

async function recipients(sql: pg.ClientBase, { kind, to }: Notice): Promise<readonly Recipient[]> {
  const byDefault = NOTIFICATIONS[kind];
  const { rows } = await sql.query<Recipient>(
    `SELECT m.user_id, u.name, u.email, coalesce($3 = ANY (s.portal), $4) AS in_portal, coalesce($3 = ANY (s.mail), $5) AS by_mail, coalesce(s.locale, 'en') AS locale
     FROM membership m JOIN auth."user" u ON u.id = m.user_id LEFT JOIN notification_setting s ON s.user_id = m.user_id
     WHERE (m.role = ANY ($1) OR m.user_id = ANY ($2)) AND m.user_id <> ALL ($6) AND m.suspended_at IS NULL AND u.disabled_at IS NULL
       AND (coalesce($3 = ANY (s.portal), $4) OR coalesce($3 = ANY (s.mail), $5))
     ORDER BY m.user_id`,
    [to.roles ?? [], to.userIds ?? [], kind, byDefault.includes('portal'), byDefault.includes('mail'), to.except ?? []],
  );
  return rows;
}

/** False when the person was told before. */
async function insertNotification(sql: pg.ClientBase, { tenantId, kind, subject, data, dedupeKey }: Notice, person: Recipient): Promise<boolean> {
  const { rowCount } = await sql.query(
    `INSERT INTO notification (id, tenant_id, user_id, kind, subject_id, subject_name, data, dedupe_key, read_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN NULL ELSE now() END) ON CONFLICT (tenant_id, user_id, dedupe_key) DO NOTHING`,
    [newId(IdPrefix.notification), tenantId, person.user_id, kind, subject.id, subject.name, JSON.stringify(data), dedupeKey, person.in_portal],
  );
  return rowCount === 1;
}

async function write(mailbox: Mailbox, sql: pg.ClientBase, notice: Notice, { name, email, locale }: Recipient, link: string): Promise<void> {
  const { tenantId, kind, data, subject } = notice;
  const what = { kind, data } as NotificationContent;
  await mailbox.enqueue(sql, { tenantId, to: email, locale, template: 'notification', vars: { name, subject: subject.name, what, link } });
}
