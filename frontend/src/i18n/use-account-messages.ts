import { useI18n } from 'vue-i18n';
import { accounts as en } from './en/accounts.ts';
import { accounts as ja } from './ja/accounts.ts';
import { accounts as zh } from './zh/accounts.ts';

/** The translator of a page about signing in and what protects an account: it brings their messages along, and knows all others as well. */
export function useAccountMessages() {
  return useI18n({ useScope: 'local', messages: { en, zh, ja }, inheritLocale: true, fallbackRoot: true, missingWarn: false, fallbackWarn: false });
}
