import type { Row } from './row.ts';

const HEAD = ['measured', 'value', 'unit', 'target', ''] as const;

/** The rows as a Markdown table with aligned columns: to be read in a terminal and pasted into a page. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, target, ok }) => [name, text(value), unit, target === null ? '' : `<= ${text(target)}`, verdict(ok)]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (values: readonly string[]) => `| ${values.map((value, column) => pad(value, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 1 ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(HEAD), rule, ...cells.map(line)].join('\n');
}

function pad(value: string, width: number, column: number): string {
  return column === 1 ? value.padStart(width) : value.padEnd(width);
}

function text(value: number): string {
  return Number.isNaN(value) ? '-' : value.toLocaleString('en-US', { maximumSignificantDigits: 15 });
}

function verdict(ok: boolean | null): string {
  if (ok === null) return '';
  return ok ? 'met' : 'MISSED';
}
