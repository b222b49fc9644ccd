import { expect, it } from 'vitest';
import { rounded, row } from './row.ts';
import { renderTable } from './table.ts';

it('prints one aligned line for each row and says which target was missed', () => {
  expect(renderTable([row('accepted -> spawned, p95', 812.4, 'ms', 1000), row('lost', 1, 'claws', 0), row('answers', 12_345, '')])).toBe(
    [
      '| measured                 |  value | unit  | target   |        |',
      '|--------------------------|-------:|-------|----------|--------|',
      '| accepted -> spawned, p95 |    812 | ms    | <= 1,000 | met    |',
      '| lost                     |      1 | claws | <= 0     | MISSED |',
      '| answers                  | 12,345 |       |          |        |',
    ].join('\n'),
  );
});

it('shows that there is no number where nothing was measured', () => {
  expect(renderTable([row('p95', Number.NaN, 'ms', 10)])).toContain('| - | ms   | <= 10  | MISSED |'.replace('| - ', '|     - '));
});

it('rounds for the reader and judges before rounding', () => {
  expect([0.012345, 1.23456, 45.678, 99.96, 1234.5, 0].map(rounded)).toEqual([0.0123, 1.23, 45.7, 100, 1235, 0]);
  expect(row('x', 60.04, 'ms', 60)).toEqual({ name: 'x', value: 60, unit: 'ms', target: 60, ok: false });
});
