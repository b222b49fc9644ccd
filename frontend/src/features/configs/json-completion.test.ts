import { CompletionContext } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { completeBySchema } from './json-completion.ts';
import { documentSchema } from './schema-path.ts';

const schema = documentSchema({ properties: { model: { properties: { name: { type: 'string' }, effort: { enum: ['low', 'high'] } } } } });

/** What is offered at the bar in the text. */
function offered(text: string, explicit = false): readonly string[] {
  const pos = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', ''), extensions: [json()] });
  ensureSyntaxTree(state, state.doc.length);
  return completeBySchema(schema)(new CompletionContext(state, pos, explicit))?.options.map(({ label }) => label) ?? [];
}

describe('completion', () => {
  it('offers the keys of the object that a name is typed in', () => {
    expect(offered('{ "s|" }')).toEqual(['settings', 'locks', 'variables']);
    expect(offered('{ "settings": { "model": { "n|": "x" } } }')).toEqual(['name', 'effort']);
    expect(offered('{ "settings": { "model": { "name": "x", "e|" } } }')).toEqual(['effort']);
    expect(offered('{ "variables": [{ "ty|" }] }')).toContain('type');
  });

  it('offers values where there are only a few', () => {
    expect(offered('{ "settings": { "model": { "effort": "l|" } } }')).toEqual(['"low"', '"high"']);
    expect(offered('{ "settings": { "model": { "name": "l|" } } }')).toEqual([]);
  });

  it('offers keys in an empty object only when it is asked', () => {
    expect(offered('{ "settings": {|} }')).toEqual([]);
    expect(offered('{ "settings": {|} }', true)).toEqual(['model']);
  });
});
