import { expect, test } from 'vitest';
import { differencesOf } from './audit.ts';

test('what an act changed is every value that differs, wherever it stands', () => {
  const before = { name: 'a', spec: { resources: { cpu: '1', memory: '1Gi' }, tags: ['x', 'y'] }, gone: true };
  const after = { name: 'a', spec: { resources: { cpu: '2', memory: '1Gi' }, tags: ['x', 'z'] }, 'a/b': {} };
  expect(differencesOf(before, after)).toEqual([
    { path: '/spec/resources/cpu', before: '1', after: '2' },
    { path: '/spec/tags/1', before: 'y', after: 'z' },
    { path: '/a~1b', before: undefined, after: {} },
    { path: '/gone', before: true, after: undefined },
  ]);
});

test('what was empty before or is empty now is not said beside what was added or taken', () => {
  expect(differencesOf({ labels: {}, list: [1] }, { labels: { env: 'prod' }, list: [] })).toEqual([
    { path: '/labels/env', before: undefined, after: 'prod' },
    { path: '/list/0', before: 1, after: undefined },
  ]);
});

test('where only one side was recorded, all of it is', () => {
  expect(differencesOf(null, { name: 'a' })).toEqual([{ path: '/name', before: undefined, after: 'a' }]);
  expect(differencesOf({ name: 'a' }, null)).toEqual([{ path: '/name', before: 'a', after: undefined }]);
  expect(differencesOf(null, null)).toEqual([]);
});
