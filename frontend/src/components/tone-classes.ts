import type { Tone } from '../features/instances/status-view.ts';

/** Text colour of a tone; class names stand in full so that they are found at build time. */
export const TEXT_TONE: Readonly<Record<Tone, string>> = {
  success: 'text-success',
  info: 'text-info',
  warning: 'text-warning',
  error: 'text-error',
  neutral: 'text-muted',
};

/** Filled dot or bar of a tone. */
export const FILL_TONE: Readonly<Record<Tone, string>> = {
  success: 'bg-success',
  info: 'bg-info',
  warning: 'bg-warning',
  error: 'bg-error',
  neutral: 'bg-(--ui-text-dimmed)',
};

/** Soft pill of a tone. */
export const PILL_TONE: Readonly<Record<Tone, string>> = {
  success: 'bg-success/10 text-success ring-success/20',
  info: 'bg-info/10 text-info ring-info/20',
  warning: 'bg-warning/10 text-warning ring-warning/25',
  error: 'bg-error/10 text-error ring-error/20',
  neutral: 'bg-elevated text-muted ring-default',
};
