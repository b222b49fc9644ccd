const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function format(locale: string, value: number, unit: Intl.RelativeTimeFormatUnit): string {
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(value, unit);
}

/** "3 min. ago", "in 2 hr.", in the language asked for. Times in milliseconds since the epoch. */
export function relativeTime(at: number, now: number, locale: string): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return format(locale, 0, 'second');
  if (size < MINUTE) return format(locale, seconds, 'second');
  if (size < HOUR) return format(locale, Math.round(seconds / MINUTE), 'minute');
  if (size < DAY) return format(locale, Math.round(seconds / HOUR), 'hour');
  if (size < 30 * DAY) return format(locale, Math.round(seconds / DAY), 'day');
  return new Date(at).toLocaleDateString(locale, { dateStyle: 'medium' });
}

/** A length of time in at most two units: "850 ms", "12 s", "4 min 5 s", "2 h 10 min". */
export function formatDuration(ms: number, locale: string): string {
  const unit = (value: number, name: string): string => value.toLocaleString(locale, { style: 'unit', unit: name, unitDisplay: 'narrow' });
  if (ms < 1000) return unit(Math.round(ms), 'millisecond');
  const seconds = Math.floor(ms / 1000);
  if (seconds < MINUTE) return unit(seconds, 'second');
  if (seconds < HOUR) return [unit(Math.floor(seconds / MINUTE), 'minute'), seconds % MINUTE ? unit(seconds % MINUTE, 'second') : ''].join(' ').trim();
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  return [unit(Math.floor(seconds / HOUR), 'hour'), minutes ? unit(minutes, 'minute') : ''].join(' ').trim();
}
