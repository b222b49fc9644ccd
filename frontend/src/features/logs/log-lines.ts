import { LogLevel, logLevelOf, logRecord } from '../../../../workflows/contracts/log-line.ts';

export { LogLevel };

/** One line of a claw's log; `at` is null where the claw writes no time. */
export interface LogLine {
  readonly seq: number;
  readonly at: string | null;
  readonly stream: string;
  readonly text: string;
}

/** A line as people read it: of structured lines the part that speaks and what it says, of others the text itself. */
export function readable(line: Pick<LogLine, 'text'>): { readonly source: string | null; readonly text: string } {
  const record = logRecord(line.text);
  const said = record?.['message'] ?? record?.['msg'] ?? record?.['event'];
  if (record === null || typeof said !== 'string') return { source: null, text: line.text };
  const source = record['subsystem'] ?? record['name'] ?? record['module'];
  return { source: typeof source === 'string' ? source : null, text: said };
}

/** The level a line speaks of; what names none is information. */
export function levelOf(line: Pick<LogLine, 'text'>): LogLevel {
  return logLevelOf(line.text);
}

/** Lines that hold the text (case does not matter) and are of one of the levels; an empty choice of levels means all. */
export function filterLines(lines: readonly LogLine[], search: string, levels: readonly LogLevel[]): readonly LogLine[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '' && levels.length === 0) return lines;
  return lines.filter((line) => (wanted === '' || line.text.toLowerCase().includes(wanted)) && (levels.length === 0 || levels.includes(levelOf(line))));
}

/** Appends and forgets the oldest beyond `max`, so that a claw that talks all day does not fill the browser. */
export function appendLines(lines: readonly LogLine[], more: readonly LogLine[], max = 20_000): readonly LogLine[] {
  const last = lines.at(-1)?.seq ?? 0;
  const fresh = more.filter((line) => line.seq > last);
  if (fresh.length === 0) return lines;
  const all = [...lines, ...fresh];
  return all.length > max ? all.slice(all.length - max) : all;
}

/** The lines as a text file: time, stream, text. */
export function asText(lines: readonly LogLine[]): string {
  return lines.map((line) => [line.at ?? '', line.stream, line.text].filter((part) => part !== '').join(' ')).join('\n');
}

/** Pieces of a text, those that match marked, for highlighting. */
export function highlight(text: string, search: string): readonly { readonly text: string; readonly hit: boolean }[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return [{ text, hit: false }];
  const pieces: { text: string; hit: boolean }[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    pieces.push({ text: text.slice(at, at + wanted.length), hit: true });
    from = at + wanted.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}
