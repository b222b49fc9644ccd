/** What each kind of notification says besides whom it is about. */
export interface NotificationData {
  /** `wave`: the name of the wave that waits; null: the whole rollout waits to begin. */
  readonly 'approval-needed': { readonly wave: string | null; readonly author: string };
  /** A gate or the failure budget stopped it; `reason` is a code. */
  readonly 'rollout-held': { readonly reason: string; readonly wave: string | null };
  readonly 'rollout-failed': { readonly reason: string };
  /** `phase`: how it ended. */
  readonly 'rollout-finished': { readonly phase: string };
}
export type NotificationKind = keyof NotificationData;

/** The ways to a person. */
export const NotificationWay = { portal: 'portal', mail: 'mail' } as const;
export type NotificationWay = (typeof NotificationWay)[keyof typeof NotificationWay];

/** Every kind with the ways it takes to somebody who chose nothing. Mail is for what waits for a person. */
export const NOTIFICATIONS: Readonly<Record<NotificationKind, readonly NotificationWay[]>> = {
  'approval-needed': ['portal', 'mail'],
  'rollout-held': ['portal', 'mail'],
  'rollout-failed': ['portal', 'mail'],
  'rollout-finished': ['portal'],
};
export const NOTIFICATION_KINDS = Object.keys(NOTIFICATIONS) as [NotificationKind, ...NotificationKind[]];

/** What a notification of one kind says. */
export type NotificationContent = { readonly [K in NotificationKind]: { readonly kind: K; readonly data: NotificationData[K] } }[NotificationKind];

/** A notification of one kind as its person sees it. */
export interface NotificationOf<K extends NotificationKind> {
  readonly id: string;
  readonly kind: K;
  /** What it is about: where it leads to. */
  readonly subject: { readonly id: string; readonly name: string };
  readonly data: NotificationData[K];
  readonly createdAt: string;
  readonly readAt: string | null;
}
export type NotificationView = { readonly [K in NotificationKind]: NotificationOf<K> }[NotificationKind];
