import type { ProcessUsage } from '../process/table.ts';

/** How the processes of one running claw are told from those of others. */
export interface ClawProcesses {
  readonly instanceId: string;
  readonly keeperPid: number;
  /** Its own uid; null where claws share the daemon's. */
  readonly uid: number | null;
  /** Members of its group; empty where the machine has no groups. */
  readonly pids: readonly number[];
}

/** What the processes of one claw use together; its keeper is not counted as one of them. */
export interface SummedUsage {
  readonly cpuMilliseconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** Gives every process to the claw it belongs to, from one look at the process table: by group, uid, process group, or parent. */
export function attribute(table: readonly ProcessUsage[], claws: readonly ClawProcesses[]): ReadonlyMap<string, SummedUsage> {
  const byPid = new Map(claws.flatMap(({ instanceId, keeperPid, pids }) => [keeperPid, ...pids].map((pid) => [pid, instanceId] as const)));
  const byUid = new Map(claws.flatMap(({ instanceId, uid }) => (uid === null ? [] : [[uid, instanceId] as const])));
  const byLeader = new Map(claws.map(({ instanceId, keeperPid }) => [keeperPid, instanceId]));
  const entries = new Map(table.map((entry) => [entry.pid, entry]));
  const known = new Map<number, string | null>();

  const ownerOf = (entry: ProcessUsage): string | null => {
    const before = known.get(entry.pid);
    if (before !== undefined) return before;
    // Set first: a table that is read while processes come and go may show a circle.
    known.set(entry.pid, null);
    const parent = entries.get(entry.ppid);
    const owner = byPid.get(entry.pid) ?? byUid.get(entry.uid) ?? byLeader.get(entry.pgid) ?? (parent ? ownerOf(parent) : null);
    known.set(entry.pid, owner);
    return owner;
  };

  const sums = new Map<string, SummedUsage>();
  for (const entry of table) {
    const owner = ownerOf(entry);
    if (owner === null) continue;
    const { cpuMilliseconds, memoryBytes, processes } = sums.get(owner) ?? { cpuMilliseconds: 0, memoryBytes: 0, processes: 0 };
    sums.set(owner, {
      cpuMilliseconds: cpuMilliseconds + entry.cpuMilliseconds,
      memoryBytes: memoryBytes + entry.memoryBytes,
      processes: processes + (byLeader.has(entry.pid) ? 0 : 1),
    });
  }
  return sums;
}
