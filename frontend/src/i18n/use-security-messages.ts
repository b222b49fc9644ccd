import { useI18n } from 'vue-i18n';
import { security as en } from './en/security.ts';
import { security as ja } from './ja/security.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { security as zh } from './zh/security.ts';

/** The translator of a page about audit or keys: it brings their messages along, and knows all others as well. Parts of the page take `useScope: 'parent'`. */
export function useSecurityMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
