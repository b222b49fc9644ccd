import type { NotificationView } from '../../../workflows/contracts/notification.ts';
import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';

export type NotificationSettings = Schemas['NotificationSettings'];

/** What whoever is signed in should know, the newest first; `unread`: how many of all they did not read, up to 100. */
export interface NotificationPage {
  readonly items: readonly NotificationView[];
  readonly unread: number;
  readonly nextCursor: string | null;
}

export async function listNotifications(query: { readonly limit: number; readonly cursor?: string; readonly unread?: 'true' }): Promise<NotificationPage> {
  const { items, total = 0, nextCursor } = await unwrap(api.GET('/me/notifications', { params: { query: query as never } }));
  // The document cannot say that `data` belongs to `kind`; the contract does.
  return { items: items as unknown as readonly NotificationView[], unread: total, nextCursor };
}

/** Without ids: all of them. */
export function readNotifications(ids?: readonly string[]): Promise<void> {
  return settle(api.POST('/me/notifications/read', { body: ids ? { ids: [...ids] } : {} }));
}

export function getNotificationSettings(): Promise<NotificationSettings> {
  return unwrap(api.GET('/me/notification-settings'));
}

export function putNotificationSettings(body: NotificationSettings): Promise<NotificationSettings> {
  return unwrap(api.PUT('/me/notification-settings', { body }));
}
