import { describe, expect, it } from 'vitest';
import { documentText, EMPTY_DOCUMENT, readDocument } from './document-text.ts';

describe('a document of a config', () => {
  it('is read as it was written', () => {
    const document = { settings: { model: { name: 'demo' } }, locks: ['tools.exec'], variables: [] };
    expect(readDocument(documentText(document))).toEqual({ document });
    expect(readDocument(EMPTY_DOCUMENT)).toEqual({ document: { settings: {}, locks: [], variables: [] } });
  });

  it('that cannot be read says where', () => {
    const read = readDocument('{\n  "settings": {\n    x\n  }\n}');
    expect(read).toMatchObject({ line: 3 });
    expect(readDocument('[]')).toEqual({ fault: 'object', line: 1 });
    expect('fault' in readDocument('')).toBe(true);
  });
});
