import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { NativeCheck, Rendered } from '../adapter.ts';

/** Folders of one claw, and where its installed version and the programs it may call are. */
export interface ClawFolders {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  readonly runtime: { readonly folder: string; readonly path: readonly string[] };
}

/** Makes the folders below `root`. */
export function clawFolders(root: string, runtime: ClawFolders['runtime']): ClawFolders {
  const folders = { root, config: join(root, 'config'), data: join(root, 'data'), logs: join(root, 'logs'), runtime };
  for (const folder of [folders.config, folders.data, folders.logs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folders;
}

/** Writes the rendered files as a host does: tokens replaced, one atomic rename each, in their order. */
export function writeFiles(rendered: Rendered, folders: ClawFolders): void {
  for (const file of rendered.files) {
    const path = join(folders.config, file.path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.tmp`, resolveTokens(file.content, folders), { mode: Number.parseInt(file.mode, 8) });
    renameSync(`${path}.tmp`, path);
  }
}

/** Runs the version's own check in a scratch folder and returns what it found. */
export async function runNativeCheck(check: NativeCheck, folders: ClawFolders): Promise<ReturnType<NativeCheck['read']>> {
  const scratch = join(folders.root, 'scratch');
  for (const file of check.files) {
    mkdirSync(dirname(join(scratch, file.path)), { recursive: true });
    writeFileSync(join(scratch, file.path), file.content);
  }
  const env = Object.fromEntries(Object.entries(check.env).map(([name, value]) => [name, value.replaceAll('${SCRATCH_DIR}', scratch)]));
  const [command = '', ...args] = check.command;
  const child = spawn(command, args, { cwd: scratch, env: { ...env, PATH: pathOf(folders) }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, exitCode] = await Promise.all([read(child.stdout), read(child.stderr), exitOf(child)]);
  return check.read({ exitCode: exitCode ?? -1, stdout, stderr });
}

/** A claw that was started from what the adapter rendered. */
export interface RunningClaw {
  readonly pid: number;
  readonly logFile: string;
  /** Exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly running: boolean;
  signal(name: NodeJS.Signals): void;
}

export function startClaw(rendered: Rendered, secrets: Readonly<Record<string, string>>, folders: ClawFolders): RunningClaw {
  const env = Object.fromEntries(Object.entries(rendered.env).map(([name, value]) => [name, resolveTokens(value, folders)]));
  const [command = '', ...args] = rendered.command.map((part) => resolveTokens(part, folders));
  const logFile = join(folders.logs, 'claw.log');
  const child = spawn(command, args, {
    cwd: folders.data,
    env: { ...env, ...secrets, PATH: pathOf(folders) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const { pid } = child;
  if (pid === undefined) throw new Error('the claw did not start');
  return {
    pid,
    logFile,
    exited: exitOf(child),
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    signal: (name) => process.kill(-pid, name),
  };
}

/** Resolves when the path answers 200, rejects when the process ends before. */
export async function untilReady(claw: RunningClaw, port: number, path: string): Promise<void> {
  while (!(await answersOk(port, path))) {
    if (!claw.running) throw new Error(`the claw ended before it was ready:\n${readFileSync(claw.logFile, 'utf8').slice(-4000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A raw connection to a port on loopback. */
export function dialLoopback(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function answersOk(port: number, path: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

function resolveTokens(text: string, folders: ClawFolders): string {
  return text
    .replaceAll('${CONFIG_DIR}', folders.config)
    .replaceAll('${DATA_DIR}', folders.data)
    .replaceAll('${LOG_DIR}', folders.logs)
    .replaceAll('${RUNTIME_DIR}', folders.runtime.folder);
}

function pathOf({ runtime }: ClawFolders): string {
  return [...runtime.path, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

async function read(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
