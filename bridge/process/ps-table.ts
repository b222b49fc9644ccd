import { spawnSync } from 'node:child_process';
import type { ProcessEntry, ProcessTable, ProcessUsage } from './table.ts';

/** Asks `ps`, for machines without /proc. The start is the time `ps` tells, to the second. */
export function createPsTable(): ProcessTable {
  const all = (): readonly ProcessEntry[] => linesOf('pid=,ppid=,pgid=,uid=,stat=,lstart=').flatMap((line) => parseLine(line) ?? []);
  const usage = (): readonly ProcessUsage[] => linesOf('pid=,ppid=,pgid=,uid=,stat=,rss=,time=').flatMap((line) => parseUsage(line) ?? []);
  return { all, usage, one: (pid) => all().find((entry) => entry.pid === pid) ?? null, variable: () => null };
}

function linesOf(columns: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-axo', columns], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return (stdout ?? '').split('\n');
}

function parseLine(line: string): ProcessEntry | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (!match || match[5]?.startsWith('Z')) return null;
  return { pid: Number(match[1]), ppid: Number(match[2]), pgid: Number(match[3]), uid: Number(match[4]), start: String(match[6]) };
}

/** `rss` is in KiB, `time` is `[[dd-]hh:]mm:ss` or `mm:ss.cc`. Null for what is no process that runs. */
export function parseUsage(line: string): ProcessUsage | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(?:(\d+)-)?([\d:.]+)\s*$/.exec(line);
  if (!match || match[5]?.startsWith('Z')) return null;
  const seconds = String(match[8])
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return {
    pid: Number(match[1]),
    ppid: Number(match[2]),
    pgid: Number(match[3]),
    uid: Number(match[4]),
    cpuMilliseconds: Math.round((Number(match[7] ?? 0) * 86_400 + seconds) * 1000),
    memoryBytes: Number(match[6]) * 1024,
  };
}
