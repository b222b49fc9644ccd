import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { MailLocale } from '../../workflows/contracts/mail.ts';
import { NOTIFICATION_KINDS, NOTIFICATIONS, NotificationWay } from '../../workflows/contracts/notification.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'account';
const kind = z.enum(NOTIFICATION_KINDS).meta({ id: 'NotificationKind' });

export const notification = z
  .strictObject({
    id: z.string(),
    kind,
    subject: z.strictObject({ id: z.string(), name: z.string() }).meta({ description: 'What it is about' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'What it says, by its kind' }),
    createdAt: timestamp,
    readAt: timestamp.nullable(),
  })
  .meta({ id: 'Notification' });

export type NotificationAnswer = z.infer<typeof notification>;

const kinds = z.array(kind).max(NOTIFICATION_KINDS.length);

export const notificationSettings = z
  .strictObject({
    portal: kinds.meta({ description: 'Kinds that come to the portal' }),
    mail: kinds.meta({ description: 'Kinds that come by mail' }),
    locale: z.enum(MailLocale).meta({ description: 'The language of mail' }),
  })
  .meta({ id: 'NotificationSettings' });

export type NotificationSettings = z.infer<typeof notificationSettings>;

/** What somebody hears who chose nothing. */
export const DEFAULT_SETTINGS: NotificationSettings = {
  portal: NOTIFICATION_KINDS.filter((one) => NOTIFICATIONS[one].includes(NotificationWay.portal)),
  mail: NOTIFICATION_KINDS.filter((one) => NOTIFICATIONS[one].includes(NotificationWay.mail)),
  locale: MailLocale.en,
};

const listNotificationsQuery = z.strictObject({
  ...listQuery,
  unread: z.stringbool().optional().meta({ description: 'Only what you did not read, or only what you did' }),
});

export type ListNotificationsQuery = z.infer<typeof listNotificationsQuery>;

export const listNotifications = contract({
  id: 'listNotifications',
  method: 'get',
  path: '/me/notifications',
  tag,
  summary: 'What you should know in this tenant, the newest first; `total` counts what you did not read',
  query: listNotificationsQuery,
  answers: { 200: { description: 'A page of them', schema: pageOf('NotificationPage', notification) } },
});

export const readNotifications = contract({
  id: 'readNotifications',
  method: 'post',
  path: '/me/notifications/read',
  tag,
  summary: 'Say that you read some of your notifications, or all',
  body: z
    .strictObject({ ids: z.array(idOf(IdPrefix.notification)).min(1).max(200).optional().meta({ description: 'Without them: all' }) })
    .meta({ id: 'ReadNotifications' }),
  answers: { 204: { description: 'Read; those that are not yours stay as they are' } },
});

export const getNotificationSettings = contract({
  id: 'getNotificationSettings',
  method: 'get',
  path: '/me/notification-settings',
  tag,
  summary: 'What reaches you in this tenant, and how',
  answers: { 200: { description: 'The settings', schema: notificationSettings } },
});

export const putNotificationSettings = contract({
  id: 'putNotificationSettings',
  method: 'put',
  path: '/me/notification-settings',
  tag,
  summary: 'Choose what reaches you in this tenant, and how',
  body: notificationSettings,
  answers: { 200: { description: 'The settings', schema: notificationSettings } },
});

export const notificationContracts = [listNotifications, readNotifications, getNotificationSettings, putNotificationSettings];
