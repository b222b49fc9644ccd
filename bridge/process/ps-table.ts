import { spawnSync } from 'node:child_process';
import type { ProcessEntry, ProcessTable } from './table.ts';

/** Asks `ps`, for machines without /proc. The start is the time `ps` tells, to the second. */
export function createPsTable(): ProcessTable {
  const all = (): readonly ProcessEntry[] => {
    const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,uid=,stat=,lstart='], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    return (stdout ?? '')
      .split('\n')
      .map(parseLine)
      .filter((entry) => entry !== null);
  };
  return { all, one: (pid) => all().find((entry) => entry.pid === pid) ?? null, variable: () => null };
}

function parseLine(line: string): ProcessEntry | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (!match || match[5]?.startsWith('Z')) return null;
  return { pid: Number(match[1]), ppid: Number(match[2]), pgid: Number(match[3]), uid: Number(match[4]), start: String(match[6]) };
}
