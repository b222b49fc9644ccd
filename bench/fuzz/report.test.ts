import { expect, test } from 'vitest';
import { reportLines, reportRows } from './report.ts';

const report = {
  operations: { total: 3, tested: 2 },
  test_cases: { generated: 705 },
  failures: [
    { title: 'Server error on undeclared request Content-Type', count: 2, operations: ['GET /a'] },
    { title: 'Response violates schema', count: 3, operations: ['GET /a', 'GET /b'] },
  ],
};

test('server errors and answers that break the document are counted apart', () => {
  expect(reportRows('an owner', report).map(({ name, value, ok }) => [name, value, ok])).toEqual([
    ['an owner: operations tried', 2, null],
    ['an owner: requests', 705, null],
    ['an owner: server errors', 2, false],
    ['an owner: answers that break the document', 3, false],
  ]);
});

test('each kind of failure is told with where it was seen', () => {
  expect(reportLines('an owner', report)[1]).toBe('an owner: Response violates schema, 3 times: GET /a, GET /b');
});
