import { useI18n } from 'vue-i18n';
import { people as en } from './en/people.ts';
import { people as ja } from './ja/people.ts';
import { PAGE_MESSAGES } from './page-messages.ts';
import { people as zh } from './zh/people.ts';

/** The translator of a page about people: it brings their messages along, and knows all others as well. Parts of the page take `useScope: 'parent'`. */
export function usePeopleMessages() {
  return useI18n({ ...PAGE_MESSAGES, messages: { en, zh, ja } });
}
