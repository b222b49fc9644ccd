import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

const gibibyte = 1024 ** 3;

/** What the machine has left, in bytes. */
export interface Capacity {
  readonly freeMemoryBytes: number;
  readonly freeDiskBytes: number;
}

/** Memory a claw of usual size takes, and what the platform itself takes with all parts running. */
export const typicalClawBytes = gibibyte;
export const platformMemoryBytes = 1.6 * gibibyte;
const minimumDiskBytes = 2 * gibibyte;

function availableMemory(): number {
  if (!existsSync('/proc/meminfo')) return freemem();
  const line = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return line ? Number(line[1]) * 1024 : freemem();
}

/** Memory left by the container's own limit, where there is one below the machine's. Files that it keeps in memory are given up when it is needed. */
function availableInContainer(cgroup: string): number {
  const accounts = [
    { limit: 'memory.max', usage: 'memory.current', statistics: 'memory.stat', cached: /^inactive_file (\d+)$/m },
    {
      limit: 'memory/memory.limit_in_bytes',
      usage: 'memory/memory.usage_in_bytes',
      statistics: 'memory/memory.stat',
      cached: /^total_inactive_file (\d+)$/m,
    },
  ];
  for (const { limit: limitFile, usage, statistics, cached } of accounts) {
    const read = (name: string) => (existsSync(join(cgroup, name)) ? readFileSync(join(cgroup, name), 'utf8') : '');
    const limit = Number.parseInt(read(limitFile), 10);
    if (Number.isFinite(limit) && limit < totalmem()) return Math.max(0, limit - Number(read(usage)) + Number(cached.exec(read(statistics))?.[1] ?? 0));
  }
  return Number.POSITIVE_INFINITY;
}

/** Measures what is free for a platform whose data lies in `folder` (which must exist). `cgroup`: where the container's limits are told. */
export function measureCapacity(folder: string, cgroup = '/sys/fs/cgroup'): Capacity {
  const disk = statfsSync(folder);
  return { freeMemoryBytes: Math.min(availableMemory(), availableInContainer(cgroup)), freeDiskBytes: disk.bavail * disk.bsize };
}

/** Judgement about a start: problems forbid it, warnings are worth a line. `clawsThatFit` counts claws of about 1 GiB. */
export interface Preflight {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly clawsThatFit: number;
}

const inGib = (bytes: number) => `${(bytes / gibibyte).toFixed(1)} GiB`;

/** Judges whether the platform can start with this much left. */
export function judgeCapacity({ freeMemoryBytes, freeDiskBytes }: Capacity): Preflight {
  const problems: string[] = [];
  const warnings: string[] = [];
  const clawsThatFit = Math.max(0, Math.floor((freeMemoryBytes - platformMemoryBytes) / typicalClawBytes));
  if (freeDiskBytes < minimumDiskBytes)
    problems.push(
      `Only ${inGib(freeDiskBytes)} of disk are free; the platform needs ${inGib(minimumDiskBytes)}. Free some, or put the data elsewhere with CLAWLOOPS_DATA_DIR.`,
    );
  if (freeMemoryBytes < platformMemoryBytes * 0.6)
    problems.push(
      `Only ${inGib(freeMemoryBytes)} of memory are free; the platform itself takes about ${inGib(platformMemoryBytes)}. Close other programs and try again.`,
    );
  else if (clawsThatFit === 0) warnings.push(`${inGib(freeMemoryBytes)} of memory are free: enough for the platform, not for a claw beside it.`);
  return { problems, warnings, clawsThatFit };
}
