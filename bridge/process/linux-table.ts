import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessEntry, ProcessTable, ProcessUsage } from './table.ts';

const STATE = 0;
const PPID = 1;
const PGID = 2;
const TIMES = [11, 12, 13, 14];
const START_TICKS = 19;
/** A tick of the kernel's clock as /proc tells it, whatever the kernel itself counts in. */
const TICK_MILLISECONDS = 10;

/** Reads /proc. The start is the boot id and the clock tick of the start, so it stays unique across reboots. */
export function createLinuxTable(): ProcessTable {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const one = (pid: number): ProcessEntry | null => readEntry(pid, bootId);
  return {
    one,
    all: () => pids().flatMap((pid) => one(pid) ?? []),
    usage: () => pids().flatMap((pid) => readUsage(pid) ?? []),
    variable: (pid, name) => {
      const assignment = readText(`/proc/${pid}/environ`)
        ?.split('\0')
        .find((entry) => entry.startsWith(`${name}=`));
      return assignment?.slice(name.length + 1) ?? null;
    },
  };
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readEntry(pid: number, bootId: string): ProcessEntry | null {
  const found = readProcess(pid);
  if (!found) return null;
  const { fields, status } = found;
  return { pid, ...relations(fields, status), start: `${bootId}:${fields[START_TICKS]}` };
}

function readUsage(pid: number): ProcessUsage | null {
  const found = readProcess(pid);
  if (!found) return null;
  const { fields, status } = found;
  const ticks = TIMES.reduce((sum, index) => sum + Number(fields[index]), 0);
  const residentKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return { pid, ...relations(fields, status), cpuMilliseconds: ticks * TICK_MILLISECONDS, memoryBytes: residentKiB * 1024 };
}

function relations(fields: readonly string[], status: string): { ppid: number; pgid: number; uid: number } {
  return { ppid: Number(fields[PPID]), pgid: Number(fields[PGID]), uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) };
}

/** Null when there is no such process or it runs nothing any more. */
function readProcess(pid: number): { fields: readonly string[]; status: string } | null {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);
  if (stat === null || status === null) return null;
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[STATE] === 'Z' || fields[STATE] === 'X' ? null : { fields, status };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
