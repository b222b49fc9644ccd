import { describe, expect, it } from 'vitest';
import { configFields, displayValue, withOverride } from './config-fields.ts';

const schema = {
  type: 'object',
  properties: {
    model: { type: 'object', properties: { name: { type: 'string', default: 'demo' }, temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 } } },
    prompt: { type: 'string', title: 'System prompt', maxLength: 8000 },
    log: { enum: ['info', 'debug'] },
    tools: { type: 'array', items: { type: 'string' } },
    free: { type: 'object', additionalProperties: {} },
    odd: { anyOf: [{ type: 'string' }] },
    on: { type: 'boolean' },
  },
};

describe('settings from a schema', () => {
  it('flattens nested objects into dotted keys in the order of the schema', () => {
    expect(configFields(schema).map((field) => field.key)).toEqual(['model.name', 'model.temperature', 'prompt', 'log', 'tools', 'free', 'odd', 'on']);
  });

  it('chooses a control for each kind of value', () => {
    expect(configFields(schema).map((field) => field.kind)).toEqual(['text', 'number', 'longtext', 'choice', 'list', 'open', 'json', 'boolean']);
  });

  it('carries default, bounds, title and choices', () => {
    const fields = configFields(schema);
    expect(fields[0]).toMatchObject({ defaultValue: 'demo' });
    expect(fields[1]).toMatchObject({ minimum: 0, maximum: 2 });
    expect(fields[2]).toMatchObject({ title: 'System prompt' });
    expect(fields[3]).toMatchObject({ choices: ['info', 'debug'] });
  });

  it('has no settings for a schema without properties', () => {
    expect(configFields({ type: 'object' })).toEqual([]);
  });
});

describe('overrides', () => {
  const before = [
    { key: 'a', value: 1 },
    { key: 'b', value: 2 },
  ];

  it('replaces in place, adds at the end, removes', () => {
    expect(withOverride(before, 'a', 9)).toEqual([
      { key: 'a', value: 9 },
      { key: 'b', value: 2 },
    ]);
    expect(withOverride(before, 'c', 3)).toEqual([...before, { key: 'c', value: 3 }]);
    expect(withOverride(before, 'a', undefined)).toEqual([{ key: 'b', value: 2 }]);
  });

  it('keeps false and null as values', () => {
    expect(withOverride([], 'a', false)).toEqual([{ key: 'a', value: false }]);
    expect(withOverride([], 'a', null)).toEqual([{ key: 'a', value: null }]);
  });
});

describe('showing a value', () => {
  it('leaves text alone and writes the rest as JSON', () => {
    expect(displayValue('x')).toBe('x');
    expect(displayValue(['a', 1])).toBe('["a",1]');
    expect(displayValue(false)).toBe('false');
    expect(displayValue(null)).toBe('');
    expect(displayValue([])).toBe('');
  });
});
