import { stripVTControlCharacters } from 'node:util';

/** What the server or a claw sent, without anything that could drive a terminal; line breaks become spaces. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
}

/** Like `oneLine` but keeps line breaks and tabs: for text that a claw streams to a terminal. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, '');
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns a text takes on a terminal; Chinese, Japanese and Korean characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** Display width of each column over all rows. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
}

/** One row in columns two spaces apart; cells may be painted, wider ones than `widths` push the rest. No trailing spaces. */
export function tableRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))))
    .join('  ')
    .trimEnd();
}

/** A table in columns two spaces apart; cells may be painted. No trailing spaces, ends with a line break. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = columnWidths(all);
  return `${all.map((row) => tableRow(row, widths)).join('\n')}\n`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** A span of seconds in its two largest units: `3d4h`, `12m`, `0s`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [first, next] = UNITS.slice(UNITS.findIndex(([, size]) => whole >= size));
  if (whole === 0 || !first) return '0s';
  const [unit, size] = first;
  const rest = whole % size;
  const count = Math.floor(whole / size);
  // The second unit says something only while the first is small.
  const second = next && count < 10 ? Math.floor(rest / next[1]) : 0;
  return `${count}${unit}${second > 0 && next ? `${second}${next[0]}` : ''}`;
}

/** How long ago an RFC 3339 time was. */
export function age(at: string | null | undefined, now: Date): string {
  return at ? span((now.getTime() - Date.parse(at)) / 1000) : '-';
}

/** Bytes in the unit a person would say: `7.6 GiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toFixed(1))} ${units[unit]}`;
}

/** Micro-dollars as dollars, with as many digits as it takes to show something. */
export function dollars(micro: number): string {
  const value = micro / 1_000_000;
  return `$${value === 0 || value >= 0.01 ? value.toFixed(2) : value.toPrecision(2)}`;
}
