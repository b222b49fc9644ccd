import { expect, test } from 'vitest';
import { dataDirectory, parseArguments, pinnedPort } from './arguments.ts';

test('options are understood, unknown ones are refused with those that exist', () => {
  expect(parseArguments(['--detach', '--json'], ['detach', 'json'])).toMatchObject({ detach: true, json: true, reset: false });
  expect(() => parseArguments(['--rest'], ['reset'])).toThrow('Unknown option "--rest". Known: --reset.');
  expect(() => parseArguments(['--reset'], ['json'])).toThrow('Unknown option');
});

test('the data lives in the clone unless said otherwise', () => {
  expect(dataDirectory('/clone', {})).toBe('/clone/.clawloops');
  expect(dataDirectory('/clone', { CLAWLOOPS_DATA_DIR: '/data/x' })).toBe('/data/x');
});

test('only a port number can pin the portal', () => {
  expect(pinnedPort({})).toBeNull();
  expect(pinnedPort({ CLAWLOOPS_PORT: '8080' })).toBe(8080);
  for (const wrong of ['http', '0', '70000', '80.5']) expect(() => pinnedPort({ CLAWLOOPS_PORT: wrong })).toThrow('between 1 and 65535');
});
