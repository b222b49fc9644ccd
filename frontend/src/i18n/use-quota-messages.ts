import { useI18n } from 'vue-i18n';
import { quotas as en } from './en/quotas.ts';
import { quotas as ja } from './ja/quotas.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { quotas as zh } from './zh/quotas.ts';

/** The translator of the page about quotas: it brings their messages along, and knows all others as well. Parts of the page take `useScope: 'parent'`. */
export function useQuotaMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
