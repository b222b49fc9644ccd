import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process named so that a reused pid is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text that differs between two processes that had the same pid, also across reboots. */
  readonly startTime: string;
}

/** Start time of a living process, or null when there is none (a zombie counts as gone). */
export function startTimeOf(pid: number): string | null {
  if (process.platform !== 'linux') {
    const result = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return result.stdout.trim() || null;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets, so fields are counted from its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${bootId()}:${fields[19]}`;
  } catch {
    return null;
  }
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  return knownBootId;
}

/** Identity of a living process; null when it is gone. */
export function identify(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}

/** Whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/** Sends a signal to one process; false when it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Sends a signal to every process of the group that `pid` leads; false when the group is empty. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-pid, signal);
}

/** Waits until the process is gone; false when it still lives after `budgetMs`. */
export async function waitUntilGone(identity: ProcessIdentity, budgetMs: number): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(40);
  }
  return true;
}
