import { Readable } from 'node:stream';
import type { Io } from '../lib/io.ts';
import { NOW } from './samples.ts';

interface Captured extends Io {
  out(): string;
  err(): string;
}

/** An `Io` that keeps what was printed: a pipe unless `terminal` is set, with `stdin` as its standard input. */
export function captureIo(options: { readonly env?: Record<string, string>; readonly stdin?: string; readonly terminal?: boolean } = {}): Captured {
  const printed = { out: '', err: '' };
  const isTTY = options.terminal === true;
  return {
    stdout: {
      isTTY,
      write: (text) => {
        printed.out += text;
        return true;
      },
    },
    stderr: {
      isTTY,
      write: (text) => {
        printed.err += text;
        return true;
      },
    },
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    env: options.env ?? {},
    now: () => NOW,
    interrupted: new AbortController().signal,
    out: () => printed.out,
    err: () => printed.err,
  };
}
