import type { ConfigDocumentInput, FullConfigVersion } from '../../api/configs.ts';

/** What a new config begins with: everything that can be said, and nothing said yet. */
export const EMPTY_DOCUMENT = '{\n  "settings": {},\n  "locks": [],\n  "variables": []\n}\n';

/** A document as people edit it. */
export function documentText(document: FullConfigVersion['document']): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The document that a text means, or what is wrong with it and in which line. */
export function readDocument(text: string): { readonly document: ConfigDocumentInput } | { readonly fault: string; readonly line: number | null } {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return { fault: 'object', line: 1 };
    return { document: document as ConfigDocumentInput };
  } catch (error) {
    const message = (error as Error).message;
    const position = /position (\d+)/.exec(message)?.[1];
    return { fault: message, line: position === undefined ? null : text.slice(0, Number(position)).split('\n').length };
  }
}
