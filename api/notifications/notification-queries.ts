import type pg from 'pg';
import type { NotificationKind } from '../../workflows/contracts/notification.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { DEFAULT_SETTINGS, type ListNotificationsQuery, type NotificationAnswer, type NotificationSettings } from './notification.schema.ts';

interface NotificationRow {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly subject_id: string;
  readonly subject_name: string;
  readonly data: Record<string, unknown>;
  readonly created_at: Date;
  readonly read_at: Date | null;
}

/** The longest count; a number beyond it means that there are more. */
const COUNTED_MAX = 99;

const SORT = 'newest';

/** Those of one person in the tenant as which `sql` runs. `total`: how many they did not read, up to 100. */
export async function listNotifications(
  sql: pg.ClientBase,
  userId: string,
  { limit, cursor, unread }: ListNotificationsQuery,
): Promise<Page<NotificationAnswer>> {
  const conditions = new Conditions();
  conditions.equals('user_id', userId);
  if (unread !== undefined) conditions.add(`(read_at IS NULL) = ${conditions.value(unread)}`);
  const from = decodeCursor(cursor, SORT);
  if (from) conditions.add(`id < ${conditions.value(from.id)}`);
  const { rows } = await sql.query<NotificationRow>(
    `SELECT id, kind, subject_id, subject_name, data, created_at, read_at FROM notification ${conditions.where} ORDER BY id DESC LIMIT ${conditions.value(limit + 1)}`,
    conditions.values,
  );
  const counted = await sql.query<{ unread: number }>(
    'SELECT count(*)::integer AS unread FROM (SELECT 1 FROM notification WHERE user_id = $1 AND read_at IS NULL LIMIT $2) unread',
    [userId, COUNTED_MAX + 1],
  );
  const page = pageOfRows(rows, limit, ({ id }) => ({ sort: SORT, value: '', id }), presentNotification);
  return { ...page, total: counted.rows[0]?.unread ?? 0 };
}

function presentNotification(row: NotificationRow): NotificationAnswer {
  return {
    id: row.id,
    kind: row.kind,
    subject: { id: row.subject_id, name: row.subject_name },
    data: row.data,
    createdAt: row.created_at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  };
}

/** What somebody chose, or what holds for who chose nothing. */
export async function settingsOf(sql: pg.ClientBase, userId: string): Promise<NotificationSettings> {
  const { rows } = await sql.query<NotificationSettings>('SELECT portal, mail, locale FROM notification_setting WHERE user_id = $1', [userId]);
  return rows[0] ?? DEFAULT_SETTINGS;
}
