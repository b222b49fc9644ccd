import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessEntry, ProcessTable } from './table.ts';

const STATE = 0;
const PPID = 1;
const PGID = 2;
const START_TICKS = 19;

/** Reads /proc. The start is the boot id and the clock tick of the start, so it stays unique across reboots. */
export function createLinuxTable(): ProcessTable {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const one = (pid: number): ProcessEntry | null => readEntry(pid, bootId);
  return {
    one,
    all: () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((name) => one(Number(name)))
        .filter((entry) => entry !== null),
    variable: (pid, name) => {
      const assignment = readText(`/proc/${pid}/environ`)
        ?.split('\0')
        .find((entry) => entry.startsWith(`${name}=`));
      return assignment?.slice(name.length + 1) ?? null;
    },
  };
}

function readEntry(pid: number, bootId: string): ProcessEntry | null {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);
  if (stat === null || status === null) return null;
  // The command name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[STATE] === 'Z' || fields[STATE] === 'X') return null;
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  return { pid, ppid: Number(fields[PPID]), pgid: Number(fields[PGID]), uid: Number(uid), start: `${bootId}:${fields[START_TICKS]}` };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
