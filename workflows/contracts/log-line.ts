/** How bad a line of a log is. */
export const LogLevel = { error: 'error', warn: 'warn', info: 'info', debug: 'debug' } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

const NAMED: Readonly<Record<string, LogLevel>> = {
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
};
const ERROR = /\b(error|fatal|panic|exception|err)\b/i;
const WARN = /\b(warn|warning)\b/i;
const DEBUG = /\b(debug|trace)\b/i;

// Pino and its kin write numbers: 10 trace to 60 fatal.
function levelOfNumber(level: number): LogLevel {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

/** A structured line as an object, or null when the text is none. */
export function logRecord(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The level a line speaks of; what names none is information. */
export function logLevelOf(text: string): LogLevel {
  const { level } = logRecord(text) ?? {};
  if (typeof level === 'number') return levelOfNumber(level);
  if (typeof level === 'string') return NAMED[level.toLowerCase()] ?? 'info';
  // Only the head of a line: a message that quotes the word "error" is no error.
  const head = text.slice(0, 80);
  if (ERROR.test(head)) return 'error';
  if (WARN.test(head)) return 'warn';
  return DEBUG.test(head) ? 'debug' : 'info';
}

const LINE_CHARACTERS = 16 * 1024;
const COLOURS = /\u001b\[[0-9;?]*[A-Za-z]/g;
const LEADING_TIME = /^\[?(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))/;
const JSON_TIME = /"(?:time|timestamp|ts)":"(\d{4}-\d{2}-\d{2}T[^"]{8,30})"/;

/** A line as it is shown: without colours, cut at 16 Ki characters, and the time the claw wrote into it (RFC 3339, UTC), if it did. */
export function readLogLine(raw: string): { readonly at: string | null; readonly text: string } {
  const text = raw.replace(COLOURS, '').slice(0, LINE_CHARACTERS);
  const at = LEADING_TIME.exec(text)?.[1] ?? JSON_TIME.exec(text)?.[1];
  return { at: at === undefined || Number.isNaN(Date.parse(at)) ? null : new Date(at).toISOString(), text };
}
