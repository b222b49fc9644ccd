import { expect, test } from 'vitest';
import { formatJson, formatTable } from '../lib/output.ts';
import { paintFor } from '../lib/style.ts';
import { NOW, sampleInstance } from '../testing/samples.ts';
import { INSTANCES } from './instance.ts';

const context = { now: NOW, paint: (_format: unknown, text: string) => text };
test('text of others cannot drive the terminal or break the table', () => {
  const evil = sampleInstance({ labels: { note: '\u001b[2Jgone\n\u202eback' } });
  const text = formatTable(INSTANCES, [evil], true, context);
  expect(text).toContain('note=gone back');
  expect(text.split('\n')).toHaveLength(3);
});

test('colour is painted on a terminal only, and never with NO_COLOR', () => {
  const terminal = { write: () => true, isTTY: true };
  expect(paintFor(terminal, {})('red', 'x')).not.toBe('x');
  expect(paintFor(terminal, { NO_COLOR: '1' })('red', 'x')).toBe('x');
  expect(paintFor(terminal, { TERM: 'dumb' })('red', 'x')).toBe('x');
  expect(paintFor({ write: () => true }, {})('red', 'x')).toBe('x');
});

test('json is the resource itself', () => {
  expect(JSON.parse(formatJson(sampleInstance()))).toEqual(sampleInstance());
});
