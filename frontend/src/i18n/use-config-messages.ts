import { useI18n } from 'vue-i18n';
import { configs as en } from './en/configs.ts';
import { configs as ja } from './ja/configs.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { configs as zh } from './zh/configs.ts';

/** The translator of the pages about configs: it brings their messages along, and knows all others as well. Parts take `useScope: 'parent'`. */
export function useConfigMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
