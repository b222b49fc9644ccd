import type { ClawSample } from '../../workflows/contracts/metrics.ts';
import type { Cgroups } from '../process/cgroup.ts';
import type { ProcessTable } from '../process/table.ts';
import type { RunningClaw } from '../supervisor.ts';
import { attribute, type SummedUsage } from './attribute.ts';

export interface SamplerDeps {
  readonly table: Pick<ProcessTable, 'usage'>;
  readonly cgroups: Pick<Cgroups, 'pids' | 'usage'>;
  readonly uidBase: number | null;
  readonly cpus: number;
}

/** Measures running claws; the process table is read once for all of them. Times in milliseconds since the epoch. */
export interface Sampler {
  /** A claw whose CPU time at the beginning of the interval is not known has no sample yet. `diskBytes` is always null here. */
  sample(claws: readonly RunningClaw[], now: number): readonly ClawSample[];
}

/** CPU time of one incarnation of a claw. */
interface Reading {
  readonly keeper: string;
  readonly cpuMilliseconds: number;
}

const NOTHING: SummedUsage = { cpuMilliseconds: 0, memoryBytes: 0, processes: 0 };

export function createSampler({ table, cgroups, uidBase, cpus }: SamplerDeps): Sampler {
  let readings = new Map<string, Reading>();
  let lastAt: number | null = null;

  return {
    sample: (claws, now) => {
      const sums = claws.length === 0 ? new Map<string, SummedUsage>() : attribute(table.usage(), claws.map(processesOf));
      const before = readings;
      const since = lastAt;
      readings = new Map();
      lastAt = now;
      return claws.flatMap((claw): ClawSample[] => {
        const { instanceId, slug } = claw.workload;
        const sum = sums.get(instanceId) ?? NOTHING;
        const group = cgroups.usage(slug);
        const reading = { keeper: `${claw.process.keeper.pid}:${claw.process.keeper.start}`, cpuMilliseconds: group.cpuMilliseconds ?? sum.cpuMilliseconds };
        readings.set(instanceId, reading);
        const used = usedSince(reading, before.get(instanceId), claw.process.startedAt, since);
        if (used === null || since === null || now <= since) return [];
        return [
          {
            instanceId,
            cpuMillicores: Math.min(cpus * 1000, Math.round((used * 1000) / (now - since))),
            memoryBytes: group.memoryBytes ?? sum.memoryBytes,
            processes: sum.processes,
            restarts: claw.restarts,
            diskBytes: null,
          },
        ];
      });
    },
  };

  function processesOf({ workload: { instanceId, slug, slot }, process: { keeper } }: RunningClaw) {
    return { instanceId, keeperPid: keeper.pid, uid: uidBase === null ? null : uidBase + slot, pids: cgroups.pids(slug) };
  }
}

/** CPU milliseconds since the last look; a claw that started after it has used what it has. Null when that is not known. */
function usedSince(reading: Reading, before: Reading | undefined, startedAt: number, since: number | null): number | null {
  // Processes that ended without their parent noting it take their time with them, so a sum may fall.
  if (before?.keeper === reading.keeper) return Math.max(0, reading.cpuMilliseconds - before.cpuMilliseconds);
  return since !== null && startedAt >= since ? reading.cpuMilliseconds : null;
}
