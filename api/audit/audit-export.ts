import type { AuditEntryView } from './audit.schema.ts';

/** Entries that come after `after`, oldest first, at most as many as one page has. */
export type ReadAfter = (after: number) => Promise<readonly AuditEntryView[]>;

/** The text of an export piece by piece, read page by page, so that no length of it fills the memory. */
export async function* exportText(format: 'ndjson' | 'csv', read: ReadAfter): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.map(([title]) => title).join(',')}\r\n`;
  for (let after = 0; ; ) {
    const entries = await read(after);
    const last = entries.at(-1);
    if (!last) return;
    yield entries.map(format === 'csv' ? csvRow : (entry) => `${JSON.stringify(entry)}\n`).join('');
    after = last.seq;
  }
}

const COLUMNS: readonly (readonly [string, (entry: AuditEntryView) => unknown])[] = [
  ['seq', (entry) => entry.seq],
  ['at', (entry) => entry.at],
  ['actor_id', (entry) => entry.actor.id ?? entry.actor.kind],
  ['actor_name', (entry) => entry.actor.name],
  ['key_id', (entry) => entry.actor.key?.id],
  ['key_name', (entry) => entry.actor.key?.name],
  ['action', (entry) => entry.action],
  ['target_id', (entry) => entry.target.id],
  ['target_name', (entry) => entry.target.name],
  ['result', (entry) => entry.result],
  ['reason', (entry) => entry.reason],
  ['before', (entry) => jsonOf(entry.before)],
  ['after', (entry) => jsonOf(entry.after)],
  ['request_id', (entry) => entry.requestId],
  ['ip', (entry) => entry.ip],
  ['user_agent', (entry) => entry.userAgent],
  ['id', (entry) => entry.id],
  ['hash', (entry) => entry.hash],
];

function jsonOf(recorded: unknown): string | null {
  return recorded === null || recorded === undefined ? null : JSON.stringify(recorded);
}

function csvRow(entry: AuditEntryView): string {
  return `${COLUMNS.map(([, of]) => csvCell(of(entry))).join(',')}\r\n`;
}

/** A cell of RFC 4180. What a spreadsheet would take for a formula, also behind spaces, is made plain text by an apostrophe. */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const harmless = /^[\s\u0000]*[=+\-@|%\t\r]/.test(text) && typeof value !== 'number' ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
