import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ProcessTable } from './table.ts';

/**
 * The keeper: a small shell that starts the claw, waits for it and leaves its exit code in a file, so that the code is known even
 * when the daemon was not there. It waits for a line first, so that it sits in its cgroup and is recorded before anything runs;
 * when the daemon dies before that, the line never comes and nothing was started. Its handlers let it outlive signals to the group.
 */
const KEEPER = `trap : TERM INT HUP QUIT USR1 USR2 ALRM
umask 077
ulimit -c 0
exit_file=$1
shift
IFS= read -r go || exit 125
"$@" </dev/null
code=$?
printf '%s\\n' "$code" >"$exit_file.tmp" && mv -f "$exit_file.tmp" "$exit_file"
`;

const SETPRIV = '/usr/bin/setpriv';
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};
const SIGNAL_BASE = 128;

export interface LaunchRequest {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** uid and gid, or null for the daemon's own. */
  readonly ownerId: number | null;
  /** Open descriptor that takes stdout and stderr. */
  readonly output: number;
  readonly exitFile: string;
}

/** A keeper that waits at its gate. */
export interface GatedKeeper {
  readonly pid: number;
  readonly start: string;
  /** Lets it start the claw. */
  open(): void;
  /** Ends it before it started anything. */
  abort(): void;
  /** Called at once when it ends, if this daemon still lives then. */
  onExit(listener: () => void): void;
}

/** Starts a keeper in a session of its own. Throws when it cannot be started. */
export async function launchKeeper(request: LaunchRequest, table: ProcessTable): Promise<GatedKeeper> {
  const shell = ['/bin/sh', '-c', KEEPER, 'claw-keeper', request.exitFile, ...request.command];
  const [file, ...args] = request.ownerId !== null && existsSync(SETPRIV) ? [SETPRIV, '--no-new-privs', ...shell] : shell;
  const identity = request.ownerId === null ? {} : { uid: request.ownerId, gid: request.ownerId };
  const child = spawn(file as string, args, {
    cwd: request.cwd,
    env: { ...request.env },
    detached: true,
    stdio: ['pipe', request.output, request.output],
    ...identity,
  });
  await started(child);
  child.unref();
  const entry = table.one(child.pid as number);
  if (!entry) throw new Error('the keeper of the claw ended at once');
  return {
    pid: entry.pid,
    start: entry.start,
    open: () => {
      // A keeper that died meanwhile is noticed by its exit.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end('go\n');
    },
    abort: () => {
      child.kill('SIGKILL');
    },
    onExit: (listener) => {
      if (child.exitCode !== null || child.signalCode !== null) listener();
      else child.once('exit', listener);
    },
  };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

/** The exit the keeper recorded; null when it recorded none, because it was killed too. The folder belongs to the claw. */
export function readExit(exitFile: string): { code: number | null; signal: string | null } | null {
  let descriptor: number;
  try {
    descriptor = openSync(exitFile, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return null;
    const content = Buffer.alloc(16);
    const length = readSync(descriptor, content, 0, content.length, 0);
    const code = Number.parseInt(content.toString('latin1', 0, length), 10);
    if (Number.isNaN(code)) return null;
    const signal = SIGNALS[code - SIGNAL_BASE];
    return signal ? { code: null, signal } : { code, signal: null };
  } finally {
    closeSync(descriptor);
  }
}
