import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A Node process for the running test, killed when that ends, and gone before what was made for it is removed. */
export function spawnNode(source: string, options: { detached?: boolean } = {}): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: options.detached ?? false,
  });
  if (child.pid === undefined) throw new Error('The process did not start.');
  onTestFinished(() => {
    child.kill('SIGKILL');
    return ended(child);
  });
  return child as ChildProcess & { readonly pid: number };
}

/** Resolves when the child has printed a line that contains `text`; rejects when it ends before. */
export function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      if (seen.includes(text)) resolve();
    });
    // Its end may be told before its last words.
    child.once('close', (code, signal) => reject(new Error(`ended with ${signal ?? code} before printing "${text}"`)));
  });
}

/** Resolves when the child has ended. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
