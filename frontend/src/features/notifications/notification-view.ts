import type { NotificationView } from '../../../../workflows/contracts/notification.ts';

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** How a notification looks in a list. */
export const NOTICE_ICONS: Readonly<Record<NotificationView['kind'], { readonly icon: string; readonly colour: string }>> = {
  'approval-needed': { icon: 'i-lucide-shield-check', colour: 'text-info' },
  'rollout-held': { icon: 'i-lucide-circle-pause', colour: 'text-warning' },
  'rollout-failed': { icon: 'i-lucide-circle-x', colour: 'text-error' },
  'rollout-finished': { icon: 'i-lucide-circle-check', colour: 'text-success' },
};

/** The one line that a notification is. */
export function noticeTitle({ kind, subject, data }: NotificationView, t: Translate): string {
  return t(`notifications.kind.${kind}`, { name: subject.name, author: 'author' in data ? data.author : '' });
}

/** What else it says. */
export function noticeDetail(notice: NotificationView, t: Translate, te: (key: string) => boolean): string {
  const why = (reason: string) => (te(`notifications.reason.${reason}`) ? t(`notifications.reason.${reason}`) : reason);
  const because = (reason: string) => t('notifications.because', { why: why(reason) });
  switch (notice.kind) {
    case 'approval-needed':
      return notice.data.wave === null ? t('notifications.detail.beforeStart') : t('notifications.detail.beforeWave', { wave: notice.data.wave });
    case 'rollout-held':
      return notice.data.wave === null
        ? because(notice.data.reason)
        : t('notifications.detail.inWave', { wave: notice.data.wave, why: why(notice.data.reason) });
    case 'rollout-failed':
      return because(notice.data.reason);
    case 'rollout-finished':
      return te(`notifications.end.${notice.data.phase}`) ? t(`notifications.end.${notice.data.phase}`) : notice.data.phase;
  }
}
