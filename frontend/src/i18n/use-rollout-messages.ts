import { useI18n } from 'vue-i18n';
import { rollouts as en } from './en/rollouts.ts';
import { rollouts as ja } from './ja/rollouts.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { rollouts as zh } from './zh/rollouts.ts';

/** The translator of the pages about rollouts and approvals: it brings their messages along, and knows all others as well. Parts take `useScope: 'parent'`. */
export function useRolloutMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
