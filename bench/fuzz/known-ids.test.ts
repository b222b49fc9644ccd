import { expect, test } from 'vitest';
import { resourcesWithIds, withKnownIds } from './known-ids.ts';

const parameter = (name: string) => ({ name, in: 'path', schema: { type: 'string' } });
const document = {
  openapi: '3.1.0',
  paths: {
    '/instances': { get: {} },
    '/instances/{id}/views/{view}': { get: { parameters: [parameter('id'), parameter('view'), { name: 'id', in: 'query', schema: {} }] } },
    '/hosts/{id}': { delete: { parameters: [parameter('id')] } },
  },
};

test('an id that exists becomes one choice of the first parameter of its paths, and nothing else changes', () => {
  const known = withKnownIds(document, new Map([['instances', 'ins_1']]));
  expect(known.paths['/instances/{id}/views/{view}'].get.parameters).toEqual([
    { name: 'id', in: 'path', schema: { anyOf: [{ const: 'ins_1' }, { type: 'string' }] } },
    parameter('view'),
    { name: 'id', in: 'query', schema: {} },
  ]);
  expect(known.paths['/hosts/{id}']).toEqual(document.paths['/hosts/{id}']);
  expect(known.openapi).toBe('3.1.0');
});

test('only resources with things of their own have ids', () => {
  expect(resourcesWithIds(document)).toEqual(['instances', 'hosts']);
});
