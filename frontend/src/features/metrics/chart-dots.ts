import type { Paint } from './metric-view.ts';

/** The colour of a series beside its name, as a class. */
export const TONE_DOTS: Readonly<Record<Paint, string>> = {
  primary: 'bg-primary',
  info: 'bg-info',
  warning: 'bg-warning',
  error: 'bg-error',
  neutral: 'bg-(--ui-text-dimmed)',
};
