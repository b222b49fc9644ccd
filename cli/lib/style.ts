import { styleText } from 'node:util';
import type { Io, Sink } from './io.ts';

type Format = 'red' | 'green' | 'yellow' | 'cyan' | 'gray' | 'bold' | 'dim';

/** Paints text, or leaves it as it is where nobody would see the colour. */
export type Paint = (format: Format, text: string) => string;

/** Colour only on a terminal, and never with NO_COLOR (no-color.org) or TERM=dumb. */
export function paintFor(sink: Sink, env: Io['env']): Paint {
  const colour = sink.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return colour ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

const TONES: Readonly<Record<string, Format>> = {
  Running: 'green',
  Failed: 'red',
  Stopped: 'gray',
  Destroyed: 'gray',
  succeeded: 'green',
  done: 'green',
  refused: 'yellow',
  failed: 'red',
  retrying: 'yellow',
  cancelled: 'gray',
  skipped: 'gray',
  pending: 'gray',
  online: 'green',
  offline: 'red',
  verified: 'green',
  unverified: 'yellow',
  ok: 'green',
  degraded: 'yellow',
  down: 'red',
  info: 'gray',
  warning: 'yellow',
  error: 'red',
};

/** The word of a state in the colour that means it; words on their way somewhere are cyan. */
export function paintState(paint: Paint, state: string): string {
  return paint(TONES[state] ?? 'cyan', state);
}
