import { useI18n } from 'vue-i18n';
import { tenants as en } from './en/tenants.ts';
import { tenants as ja } from './ja/tenants.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { tenants as zh } from './zh/tenants.ts';

/** The translator of the pages about projects and tenants: it brings their messages along, and knows all others as well. Parts of a page take `useScope: 'parent'`. */
export function useTenantMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
