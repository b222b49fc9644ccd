/** A place text goes to; the part of a Node stream that the command line uses. */
export interface Sink {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Everything of the process that a command may touch, passed in so that tests can run commands in-process. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Aborted when the person presses Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** The real process. A closed pipe (`claw get | head -1`) ends the command quietly. */
export function processIo(): Io {
  const interrupt = new AbortController();
  // The listener stays: libraries that restore the cursor end the process themselves when nobody else listens.
  process.on('SIGINT', () => interrupt.abort());
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  return { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env, now: () => new Date(), interrupted: interrupt.signal };
}

/** Whether a person sits in front of it and can be asked. */
export function isInteractive(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true && !io.env['CI'];
}

/** All of standard input without its last line break; used by the `--…-stdin` options. */
export async function readStdin(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
