import { expect, it } from 'vitest';
import { helpText, readRequest } from './arguments.ts';
import type { Bench } from './bench.ts';

const bench: Bench = {
  name: 'api',
  what: 'lists',
  options: [{ name: 'rows', byDefault: 5000, what: 'instances' }],
  limitMinutes: 1,
  run: () => Promise.resolve(),
};

it('reads the bench, its options and the file for the result', () => {
  const request = readRequest(['api', '--rows', '20', '--json', 'out.json'], [bench]);
  expect(request).toMatchObject({ bench: { name: 'api' }, json: 'out.json' });
  expect(request?.options.get('rows')).toBe(20);
});

it('takes what the bench does by default where nothing was said', () => {
  const request = readRequest(['api'], [bench]);
  expect(request?.json).toBeNull();
  expect(request?.options.get('rows')).toBe(5000);
});

it.each([[['nothing']], [['api', '--rows', 'many']], [['api', '--rows', '-1']], [['api', '--count', '1']]])('refuses %j with a sentence', (argv) => {
  expect(() => readRequest(argv, [bench])).toThrow(/no bench|whole number|argument|option/i);
});

it('helps when it is asked to, or asked nothing', () => {
  expect(readRequest([], [bench])).toBeNull();
  expect(readRequest(['--help'], [bench])).toBeNull();
  expect(helpText([bench])).toMatch(/api +lists\n +--rows +instances \(5000\)/);
});
