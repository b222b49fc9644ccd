import { useI18n } from 'vue-i18n';
import { useFormat } from '../../composables/use-format.ts';
import type { Unit } from './metric-view.ts';

const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Numbers and times of charts in the language of the portal. */
export function useMetricFormat() {
  const { t, locale } = useI18n();
  const { bytes, duration } = useFormat();

  function value(unit: Unit, amount: number): string {
    if (unit === 'bytes') return bytes(amount);
    if (unit === 'seconds') return duration(amount * 1000);
    if (unit === 'count') return amount.toLocaleString(locale.value, { maximumFractionDigits: 1 });
    return t('metrics.cores', { value: amount.toLocaleString(locale.value, { maximumFractionDigits: amount < 0.1 ? 3 : 2 }) });
  }

  /** Short, for the side of a chart. */
  function tick(unit: Unit, amount: number): string {
    if (unit === 'bytes') return bytes(amount);
    if (unit === 'seconds') return amount === 0 ? '0' : duration(amount * 1000);
    if (unit === 'cpu') return amount.toLocaleString(locale.value, { maximumFractionDigits: 3 });
    return amount.toLocaleString(locale.value, { notation: 'compact', maximumFractionDigits: 1 });
  }

  /** The time of a point as exact as its range needs. `seconds`: the range. */
  function time(at: number, seconds: number): string {
    const date = new Date(at);
    if (seconds <= HOUR_S) return date.toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' });
    if (seconds <= DAY_S) return date.toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' });
    return date.toLocaleDateString(locale.value, { month: 'short', day: 'numeric' });
  }

  /** The time of a point in full. */
  function exactTime(at: number, seconds: number): string {
    return new Date(at).toLocaleString(locale.value, { ...(seconds > DAY_S ? { month: 'short', day: 'numeric' } : {}), hour: '2-digit', minute: '2-digit' });
  }

  return { value, tick, time, exactTime };
}
