import { useI18n } from 'vue-i18n';
import { security as en } from './en/security.ts';
import { security as ja } from './ja/security.ts';
import { security as zh } from './zh/security.ts';

/** The translator of a page about audit or keys: it brings their messages along, and knows all others as well. Parts of the page take `useScope: 'parent'`. */
export function useSecurityMessages() {
  return useI18n({ useScope: 'local', messages: { en, zh, ja }, inheritLocale: true, fallbackRoot: true, missingWarn: false, fallbackWarn: false });
}
