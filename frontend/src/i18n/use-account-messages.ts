import { useI18n } from 'vue-i18n';
import { accounts as en } from './en/accounts.ts';
import { accounts as ja } from './ja/accounts.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { accounts as zh } from './zh/accounts.ts';

/** The translator of a page about signing in and what protects an account: it brings their messages along, and knows all others as well. */
export function useAccountMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
