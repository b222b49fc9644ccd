import { useI18n } from 'vue-i18n';
import { claws as en } from './en/claws.ts';
import { claws as ja } from './ja/claws.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { claws as zh } from './zh/claws.ts';

/** The translator of the pages about one's own claw and about pages of claws: it brings their messages along, and knows all others as well. Parts take `useScope: 'parent'`. */
export function useClawMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
