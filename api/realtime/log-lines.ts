/** One line of a claw's log. `at` is the time the claw wrote into it, if it did. */
export interface LogLine {
  readonly at: string | null;
  readonly stream: string;
  readonly text: string;
}

const LINE_CHARACTERS = 16 * 1024;
const COLOURS = /\u001b\[[0-9;?]*[A-Za-z]/g;
const LEADING_TIME = /^\[?(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))/;
const JSON_TIME = /"(?:time|timestamp|ts)":"(\d{4}-\d{2}-\d{2}T[^"]{8,30})"/;

/** Stdout and stderr of a claw go into one file, in the order they were written. */
const STREAM = 'output';

export function toLogLine(raw: string): LogLine {
  const text = raw.replace(COLOURS, '').slice(0, LINE_CHARACTERS);
  const at = LEADING_TIME.exec(text)?.[1] ?? JSON_TIME.exec(text)?.[1];
  return { at: at === undefined || Number.isNaN(Date.parse(at)) ? null : new Date(at).toISOString(), stream: STREAM, text };
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
