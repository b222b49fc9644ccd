import { useI18n } from 'vue-i18n';
import { notifications as en } from './en/notifications.ts';
import { notifications as ja } from './ja/notifications.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { notifications as zh } from './zh/notifications.ts';

/** The translator of what is shown of notifications: it brings their messages along, and knows all others as well. */
export function useNotificationMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
