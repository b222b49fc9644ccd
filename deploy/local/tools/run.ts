import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** What a finished command printed. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Replaces every network address in a text, so that what a package tool prints never names the registry in use. */
export function withoutAddresses(text: string): string {
  return text.replace(/\b(?!file:)[a-z][a-z0-9+.-]*:\/\/\S+/gi, '<address>').replace(/host='[^']*'/g, "host='<address>'");
}

/** Runs a command to its end. Throws with its first and last lines (addresses removed) when it fails or takes longer than `timeoutMs`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      uid: options.uid,
      gid: options.gid,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({ stdout, stderr });
      const lines = withoutAddresses(stripVTControlCharacters(`${stdout}\n${stderr}`))
        .trim()
        .split('\n');
      const excerpt = lines.length > 24 ? [...lines.slice(0, 14), '...', ...lines.slice(-9)] : lines;
      reject(new Error(`${command} ${args[0] ?? ''} ended with ${code ?? signal}:\n${excerpt.join('\n')}`));
    });
  });
}
