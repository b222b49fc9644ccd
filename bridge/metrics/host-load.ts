import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { HostSample } from '../../workflows/contracts/metrics.ts';

/** Measures the machine: CPU since the call before, the rest as it is. Null at the first call. */
export function createHostLoad(dataDir: string): () => Promise<HostSample | null> {
  let before: { busy: number; all: number } | null = null;
  return async () => {
    const now = cpuTimes();
    const since = before;
    before = now;
    if (!since) return null;
    const disk = await statfs(dataDir);
    const share = now.all > since.all ? Math.min(1, Math.max(0, (now.busy - since.busy) / (now.all - since.all))) : 0;
    return {
      cpuMillicores: Math.round(share * os.cpus().length * 1000),
      memoryBytes: Math.max(0, os.totalmem() - os.freemem()),
      diskUsedBytes: (disk.blocks - disk.bfree) * disk.bsize,
      // What is kept for the superuser is nobody's room.
      diskTotalBytes: (disk.blocks - disk.bfree + disk.bavail) * disk.bsize,
      load1: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
    };
  };
}

function cpuTimes(): { busy: number; all: number } {
  const times = os.cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = times.reduce((sum, one) => sum + one.busy, 0);
  return { busy, all: busy + times.reduce((sum, one) => sum + one.idle, 0) };
}
