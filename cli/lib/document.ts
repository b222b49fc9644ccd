import { readFile } from 'node:fs/promises';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import { readStdin } from './io.ts';

/** The object that a file holds as YAML or JSON; `-` is standard input. `what` it should be, for the error. */
export async function readDocument(context: Context, file: string, what: string): Promise<Record<string, unknown>> {
  const text =
    file === '-'
      ? await readStdin(context.io)
      : await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw usageError(`${file} cannot be read: ${error.code ?? error.message}.`);
        });
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [wrong] = document.errors;
  if (wrong) throw usageError(`${file} is not YAML or JSON: ${wrong.message}`);
  const content: unknown = document.toJS();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw usageError(`${file} does not hold ${what}.`, 'See the pages in docs.');
  return content as Record<string, unknown>;
}
