import { expect, test } from 'vitest';
import type { AuditEntryView } from './audit.schema.ts';
import { csvCell, exportText } from './audit-export.ts';

test.each([
  ['=1+1', `"'=1+1"`],
  ['+49 170', `"'+49 170"`],
  ['-2', `"'-2"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['  =1+1', `"'  =1+1"`],
  ['\t=1+1', `"'\t=1+1"`],
  ['\r=1+1', `"'\r=1+1"`],
  ['say "hi", then\nleave', '"say ""hi"", then\nleave"'],
  ['plain', '"plain"'],
  [-2, '"-2"'],
  [null, '""'],
])('a cell of %j is %s, which no spreadsheet computes', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

const entry = (seq: number, name: string) =>
  ({
    seq,
    at: '2026-11-21T12:00:00.000Z',
    actor: { kind: 'person', id: 'usr_1', name, key: null },
    action: 'a.b',
    target: { id: 'x', name: null },
  }) as AuditEntryView;

async function textOf(format: 'ndjson' | 'csv', pages: readonly (readonly AuditEntryView[])[]): Promise<{ text: string; asked: number[] }> {
  const asked: number[] = [];
  const parts: string[] = [];
  const left = [...pages];
  const read = async (after: number) => {
    asked.push(after);
    return left.shift() ?? [];
  };
  for await (const part of exportText(format, read)) parts.push(part);
  return { text: parts.join(''), asked };
}

test('an export is read page by page, each after the last entry of the one before', async () => {
  const { text, asked } = await textOf('ndjson', [[entry(1, 'Ada'), entry(2, 'Bob')], [entry(7, 'Ada')]]);
  expect(asked).toEqual([0, 2, 7]);
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).seq),
  ).toEqual([1, 2, 7]);
});

test('a table has a head, also when nothing matches, and one row per entry', async () => {
  const head = (await textOf('csv', [])).text;
  expect(head).toMatch(/^seq,at,actor_id,.*hash\r\n$/);
  const { text } = await textOf('csv', [[entry(1, '=cmd')]]);
  expect(text.startsWith(head)).toBe(true);
  expect(text).toContain(`"1","2026-11-21T12:00:00.000Z","usr_1","'=cmd"`);
});
