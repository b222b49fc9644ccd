import type { ComputedRef, MaybeRefOrGetter } from 'vue';
import { computed, toValue } from 'vue';
import { useI18n } from 'vue-i18n';
import { useSession } from '../../composables/use-session.ts';

const ID_TAIL = 6;

/** Who asked for something: "you", the platform itself, an API key, or the end of a person's id. */
export function useWho(requestedBy: MaybeRefOrGetter<string>): ComputedRef<string> {
  const { t } = useI18n();
  const { me } = useSession();
  return computed(() => {
    const id = toValue(requestedBy);
    if (id === me.value?.user.id) return t('who.you');
    if (id.startsWith('key_')) return t('who.apiKey', { id: id.slice(-ID_TAIL) });
    return id.startsWith('usr_') ? t('who.person', { id: id.slice(-ID_TAIL) }) : t('who.platform');
  });
}
