import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Milliseconds of CPU that a process and its children have used so far; null where the system does not tell (no /proc). */
export function cpuMilliseconds(pid: number): number | null {
  const processes = readProcesses();
  if (!processes) return null;
  return processes.filter((one) => one.pid === pid || one.parent === pid).reduce((sum, { ticks }) => sum + (ticks * 1000) / TICKS_PER_SECOND, 0);
}

function readProcesses(): { pid: number; parent: number; ticks: number }[] | null {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readProcess(Number(name)));
  } catch {
    return null;
  }
}

function readProcess(pid: number): { pid: number; parent: number; ticks: number }[] {
  try {
    // The name in parentheses may hold anything; the fields after it are numbers. Used: state, parent, then user and system time with those of ended children.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
    return [{ pid, parent: fields[1] ?? 0, ticks }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}
