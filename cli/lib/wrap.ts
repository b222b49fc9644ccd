import { columnWidths, displayWidth, tableRow } from './text.ts';

/** Nothing is wrapped into less than this; a narrower terminal breaks the lines itself. */
const LEAST = 20;

/** Cuts text into lines of at most `width` columns at its spaces; a word that is longer stays whole, so that it can be copied. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined) return [text];
  const most = Math.max(LEAST, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > most) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A paragraph whose lines all begin `indent` columns in. Ends with a line break. */
export function paragraph(text: string, width: number | undefined, indent = 0): string {
  const room = width === undefined ? undefined : width - indent;
  return wrap(text, room)
    .map((line) => `${' '.repeat(indent)}${line}\n`)
    .join('');
}

/** Rows in columns two spaces apart; what the last column has no room for goes on below it. Without a header when that is empty. */
export function wrappedTable(header: readonly string[], rows: readonly (readonly string[])[], width: number | undefined, indent = 0): string {
  const all = header.length > 0 ? [header, ...rows] : rows;
  const widths = columnWidths(all);
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, column) => sum + column + 2, indent);
  const lines = all.flatMap((row) => {
    const [first = '', ...rest] = wrap(row[last] ?? '', width === undefined ? undefined : width - before);
    return [
      `${' '.repeat(indent)}${tableRow([...row.slice(0, last), first], [...widths.slice(0, last), 0])}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(before)}${line}`),
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}
