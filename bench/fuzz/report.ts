import { z } from 'zod';
import { type Row, row } from '../lib/row.ts';

/** What schemathesis says about a run, as far as it is looked at. */
export const reportShape = z.object({
  operations: z.object({ total: z.number(), tested: z.number() }),
  test_cases: z.object({ generated: z.number() }),
  failures: z.array(z.object({ title: z.string(), count: z.number(), operations: z.array(z.string()) })),
});

export type Report = z.infer<typeof reportShape>;

/** A run as rows; `who` asked. A server error is any answer of 500 and above. */
export function reportRows(who: string, { operations, test_cases: cases, failures }: Report): Row[] {
  const count = (errors: boolean) => failures.filter(({ title }) => title.startsWith('Server error') === errors).reduce((sum, one) => sum + one.count, 0);
  return [
    row(`${who}: operations tried`, operations.tested, ''),
    row(`${who}: requests`, cases.generated, ''),
    row(`${who}: server errors`, count(true), '', 0),
    row(`${who}: answers that break the document`, count(false), '', 0),
  ];
}

/** A line for each kind of failure. */
export function reportLines(who: string, { failures }: Report): string[] {
  return failures.map(({ title, count, operations }) => `${who}: ${title}, ${count} times: ${operations.join(', ')}`);
}
