import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ExecRequest, ExecResult } from '../../workflows/contracts/bridge-protocol.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { baseEnv, replaceTokens } from '../claw/tokens.ts';
import { ownerOnlyMode, writeTree } from '../files/tree.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import type { LentUid } from './uid-pool.ts';

/** What one-shot commands run with. */
export interface ExecDeps {
  readonly dataDir: string;
  readonly runtimes: Runtimes;
  /** Takes an unprivileged uid that no other command has at this moment; null where there are none. Throws when all are taken. */
  readonly takeUid: () => LentUid;
}

/** What the connection to the API carries in one message, with room for both outputs and their escapes. */
const OUTPUT_BYTES = 128 * 1024;
const TIMEOUT_SECONDS_MAX = 300;

/**
 * Runs a command with an installed version in a folder of its own that is removed afterwards, as a user who owns nothing else. The folder
 * tokens all lead into it. Answers what it printed, at most 128 KiB of each; TIMEOUT when it took too long, its processes being ended.
 */
export async function runOnce(request: ExecRequest, deps: ExecDeps): Promise<ExecResult> {
  const runtime = await deps.runtimes.prepare(request.runtime);
  const { uid, end, release } = deps.takeUid();
  const scratch = path.join(deps.dataDir, 'scratch', randomBytes(8).toString('hex'));
  try {
    const folders = { CONFIG_DIR: path.join(scratch, 'config'), DATA_DIR: path.join(scratch, 'data'), LOG_DIR: path.join(scratch, 'logs') };
    for (const folder of [scratch, ...Object.values(folders)]) makeFolder(folder, uid);
    const tokens = { ...folders, SCRATCH_DIR: scratch, RUNTIME_DIR: runtime.folder };
    writeTree(
      scratch,
      request.files.map((file) => ({ path: file.path, mode: ownerOnlyMode('0600'), content: replaceTokens(file.content, tokens) })),
      uid,
    );
    const own = Object.fromEntries(Object.entries(request.env).map(([name, value]) => [name, replaceTokens(value, tokens)]));
    const command = request.command.map((part) => replaceTokens(part, tokens));
    return await run(command, { ...baseEnv(runtime, scratch, scratch), ...own }, scratch, uid, Math.min(request.timeoutSeconds, TIMEOUT_SECONDS_MAX));
  } finally {
    try {
      // First, so that nobody changes the folder while it is removed by whom may remove anything.
      await end();
      rmSync(scratch, { recursive: true, force: true });
    } finally {
      release();
    }
  }
}

function makeFolder(folder: string, uid: number | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (uid !== null) chownSync(folder, uid, uid);
}

function run(command: readonly string[], env: Record<string, string>, cwd: string, uid: number | null, timeoutSeconds: number): Promise<ExecResult> {
  const [file, ...args] = command;
  if (!file) throw new Failure('VALIDATION_FAILED', 'There is no command to run.');
  const identity = uid === null ? {} : { uid, gid: uid };
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...identity });
    const output = { stdout: capped(), stderr: capped() };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, timeoutSeconds * 1000);
    child.stdout.on('data', output.stdout.add);
    child.stderr.on('data', output.stderr.add);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(new Failure('INTERNAL', `${path.basename(file)} could not be run (${error.code}).`));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      endGroup(child.pid);
      if (timedOut) reject(new Failure('TIMEOUT', `${path.basename(file)} did not end within ${timeoutSeconds} s.`));
      else resolve({ ok: true, exitCode: code ?? (signal ? 128 : 1), stdout: output.stdout.text(), stderr: output.stderr.text() });
    });
  });
}

function capped(): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add: (chunk) => {
      if (bytes >= OUTPUT_BYTES) return;
      chunks.push(chunk.subarray(0, OUTPUT_BYTES - bytes));
      bytes += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
