import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillTemplate, lookupsOf, parseTemplate, TemplateError } from './template.ts';

const scope = { config: { greeting: 'hi', count: 3, list: [1, 2], off: null, no: false }, ports: { http: 8080 } };
const filled = (text: string) => fillTemplate(parseTemplate(text), scope);

describe('templates', () => {
  test.each([
    ['plain } text { }}', 'plain } text { }}'],
    ['{{config.greeting}} on {{ ports.http }}', 'hi on 8080'],
    ['{{config.greeting | json}}', '"hi"'],
    ['{{config.list|json}}', '[1,2]'],
    ['{{config.off | json}}', 'null'],
    ['{{config.no}}', 'false'],
    ['{{config.missing | default("x | }} y") }}', 'x | }} y'],
    ['{{config.missing | default({"a":[1]}) | json}}', '{"a":[1]}'],
    ['{{config.missing | default(null) | json}}', 'null'],
    ['{{config.greeting | default("no")}}', 'hi'],
    ['{{"{{"}}', '{{'],
    ['{{config.count}}{{config.count}}', '33'],
  ])('%s becomes %s', (text, result) => {
    expect(filled(text)).toBe(result);
  });

  test.each([
    '{{config.greeting',
    '{{}}',
    '{{ 1 + 1 }}',
    '{{config.greeting()}}',
    '{{config["greeting"]}}',
    '{{config.greeting | upper}}',
    '{{config.a | default(x)}}',
    '{{config.a | json | default(1)}}',
    '{{config..a}}',
    '{{"a}}',
    '{{config.greeting | }}',
  ])('%s cannot be read', (text) => {
    expect(() => parseTemplate(text)).toThrow(TemplateError);
  });

  test.each([
    '{{config.missing}}',
    '{{config.off}}',
    '{{config.list}}',
    '{{config}}',
    '{{config.greeting.length}}',
    '{{config.constructor}}',
    '{{config.__proto__ | json}}',
    '{{toString}}',
  ])('%s has no value that could be written', (text) => {
    expect(() => filled(text)).toThrow(TemplateError);
  });

  test('what is looked up can be listed', () => {
    expect(lookupsOf(parseTemplate('a {{config.x}} {{"y"}} {{ports.http | json}}'))).toEqual([
      ['config', 'x'],
      ['ports', 'http'],
    ]);
  });

  test('text without expressions stays as it is, and values are never read as templates', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('{{'));
        expect(filled(text)).toBe(text);
        expect(fillTemplate(parseTemplate('<{{config.v}}>'), { config: { v: `{{${text}}}` } })).toBe(`<{{${text}}}>`);
      }),
    );
  });
});
