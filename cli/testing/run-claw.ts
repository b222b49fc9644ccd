import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** What a finished `claw` left behind. */
interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running `claw`. */
interface Running {
  readonly finished: Promise<Finished>;
  /** Resolves when it has printed `text`; rejects with what it printed when it ends before. */
  printed(text: string): Promise<void>;
  interrupt(): void;
}

/** Starts the real program as a person's shell does, with nothing of this process's environment but PATH. */
export function startClaw(args: readonly string[], { env, stdin = '' }: { readonly env: Readonly<Record<string, string>>; readonly stdin?: string }): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'pipe',
  });
  let out = '';
  let err = '';
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return {
    finished,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (out.includes(text) || err.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        void finished.then(() => reject(new Error(`claw ${args.join(' ')} ended before it printed "${text}":\n${out}${err}`)));
      }),
    interrupt: () => void child.kill('SIGINT'),
  };
}
