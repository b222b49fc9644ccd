import { describe, expect, it } from 'vitest';
import { documentSchema, keysAt, type Schema, valuesAt } from './schema-path.ts';

const settings: Schema = {
  type: 'object',
  properties: {
    model: { type: 'object', properties: { name: { type: 'string', description: 'Which model answers' }, effort: { enum: ['low', 'high'] } } },
    channels: { anyOf: [{ type: 'object', properties: { telegram: { type: 'object', properties: { on: { type: 'boolean' } } } } }, { type: 'null' }] },
    native: { type: 'object', additionalProperties: { type: 'object', properties: { deep: {} } } },
  },
};
const schema = documentSchema(settings);
const labels = (found: readonly { readonly label: string }[]): readonly string[] => found.map(({ label }) => label);

describe('what may stand in a document', () => {
  it('at its top, and in its settings', () => {
    expect(labels(keysAt(schema, [], []))).toEqual(['settings', 'locks', 'variables']);
    expect(labels(keysAt(schema, ['settings'], ['model']))).toEqual(['channels', 'native']);
    expect(keysAt(schema, ['settings', 'model'], ['effort'])).toEqual([{ label: 'name', detail: 'string', info: 'Which model answers' }]);
  });

  it('within alternatives, lists and free keys', () => {
    expect(labels(keysAt(schema, ['settings', 'channels'], []))).toEqual(['telegram']);
    expect(labels(keysAt(schema, ['variables', null], ['name', 'type']))).toEqual(['required', 'secret', 'default', 'description']);
    expect(labels(keysAt(schema, ['settings', 'native', 'anything'], []))).toEqual(['deep']);
    expect(keysAt(schema, ['settings', 'nowhere'], [])).toEqual([]);
  });

  it('as a value where there are only a few', () => {
    expect(labels(valuesAt(schema, ['settings', 'model', 'effort']))).toEqual(['"low"', '"high"']);
    expect(labels(valuesAt(schema, ['settings', 'channels', 'telegram', 'on']))).toEqual(['true', 'false']);
    expect(valuesAt(schema, ['settings', 'model', 'name'])).toEqual([]);
  });
});
