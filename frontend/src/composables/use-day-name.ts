import { useI18n } from 'vue-i18n';
import { useNow } from './use-now.ts';

/** Names a day by its midnight in milliseconds since the epoch: today, yesterday, or its date. Reactive. */
export function useDayName(): (at: number) => string {
  const { t, locale } = useI18n({ useScope: 'global' });
  const now = useNow();
  return (at) => {
    const today = new Date(now.value).setHours(0, 0, 0, 0);
    if (at === today) return t('events.today');
    if (at === new Date(today).setHours(-24)) return t('events.yesterday');
    return new Date(at).toLocaleDateString(locale.value, { weekday: 'long', day: 'numeric', month: 'long' });
  };
}
