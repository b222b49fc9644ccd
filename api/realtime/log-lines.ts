import { readLogLine } from '../../workflows/contracts/log-line.ts';

/** One line of a claw's log. `at` is the time the claw wrote into it, if it did. */
export interface LogLine {
  readonly at: string | null;
  readonly stream: string;
  readonly text: string;
}

const LINE_CHARACTERS = 16 * 1024;

/** Stdout and stderr of a claw go into one file, in the order they were written. */
const STREAM = 'output';

export function toLogLine(raw: string): LogLine {
  const { at, text } = readLogLine(raw);
  return { at, stream: STREAM, text };
}

/** Lines of a stream of bytes as they are complete; the last one also without its end. */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<LogLine> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    // A line without end must not fill the memory.
    if (rest.length > 4 * LINE_CHARACTERS) rest = rest.slice(0, LINE_CHARACTERS);
    for (const line of lines) yield toLogLine(line.replace(/\r$/, ''));
  }
  if (rest !== '') yield toLogLine(rest);
}
