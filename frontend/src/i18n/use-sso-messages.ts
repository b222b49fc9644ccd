import { useI18n } from 'vue-i18n';
import { sso as en } from './en/sso.ts';
import { sso as ja } from './ja/sso.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { sso as zh } from './zh/sso.ts';

/** The translator of the page about single sign-on: it brings its messages along, and knows all others as well. Parts of the page take `useScope: 'parent'`. */
export function useSsoMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
