import { useI18n } from 'vue-i18n';
import { formatBytes, formatCost } from '../features/instances/quantities.ts';
import { formatDuration, relativeTime } from './relative-time.ts';
import { useNow } from './use-now.ts';

/** Formatting in the language of the portal; relative times are reactive. */
export function useFormat() {
  const { locale } = useI18n();
  const now = useNow();
  return {
    relative: (at: string): string => relativeTime(Date.parse(at), now.value, locale.value),
    exact: (at: string): string => new Date(at).toLocaleString(locale.value, { dateStyle: 'medium', timeStyle: 'medium' }),
    hour: (at: string): string => new Date(at).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' }),
    duration: (ms: number): string => formatDuration(ms, locale.value),
    bytes: (value: number): string => formatBytes(value, locale.value),
    cost: (microUsd: number): string => formatCost(microUsd, locale.value),
    number: (value: number): string => value.toLocaleString(locale.value),
  };
}
