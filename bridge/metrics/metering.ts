import { METRIC_LATE_SECONDS, METRIC_TICK_CLAWS } from '../../workflows/contracts/metrics.ts';
import { clawFolders } from '../files/folders.ts';
import type { Log } from '../log.ts';
import type { Supervisor } from '../supervisor.ts';
import { folderSize } from './folder-size.ts';
import { createHostLoad } from './host-load.ts';
import { createSampler, type SamplerDeps } from './sampler.ts';
import { createTickQueue, type SendTicks } from './tick-queue.ts';

export interface MeteringDeps extends SamplerDeps {
  readonly dataDir: string;
  readonly everySeconds: number;
  readonly supervisor: Pick<Supervisor, 'running'>;
  readonly log: Log;
}

/** The measuring of this host, beside the supervision and never in its way. */
export interface Metering {
  /** The way to the API; null = it is closed. */
  connect(send: SendTicks | null): void;
  stop(): void;
}

/** Folders are looked through one claw at a time, each this often. */
const DISK_MILLISECONDS = 5 * 60_000;

/** Measures on whole multiples of `everySeconds`, so that moments of all claws agree; 0 = never. */
export function startMetering(deps: MeteringDeps): Metering {
  const { everySeconds, supervisor, log } = deps;
  if (everySeconds === 0) return { connect: () => undefined, stop: () => undefined };
  const everyMilliseconds = everySeconds * 1000;
  const queue = createTickQueue(Math.ceil(METRIC_LATE_SECONDS / everySeconds));
  const sampler = createSampler(deps);
  const hostLoad = createHostLoad(deps.dataDir);
  const disk = createDiskLooks(deps.dataDir);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const tick = async (at: number): Promise<void> => {
    const running = supervisor.running().slice(0, METRIC_TICK_CLAWS);
    const claws = sampler.sample(running, at);
    const host = await hostLoad();
    if (host) queue.push({ at: new Date(at).toISOString(), host, claws: claws.map((sample) => ({ ...sample, diskBytes: disk.take(sample.instanceId) })) });
    disk.look(
      running.map(({ workload: { instanceId, slug } }) => ({ instanceId, slug })),
      at,
    );
  };
  const schedule = (): void => {
    if (stopped) return;
    const at = (Math.floor(Date.now() / everyMilliseconds) + 1) * everyMilliseconds;
    timer = setTimeout(() => {
      tick(at)
        .catch((error: unknown) => log.warn({ err: error }, 'the claws of this host could not be measured'))
        .finally(schedule);
    }, at - Date.now());
  };
  schedule();
  return {
    connect: queue.connect,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Sizes of claws' folders, found beside the ticks. Each is handed out once. */
function createDiskLooks(dataDir: string): {
  take(instanceId: string): number | null;
  look(claws: readonly { instanceId: string; slug: string }[], now: number): void;
} {
  const sizes = new Map<string, number>();
  let lookedAt = new Map<string, number>();
  let looking = false;
  return {
    take: (instanceId) => {
      const size = sizes.get(instanceId) ?? null;
      sizes.delete(instanceId);
      return size;
    },
    look: (claws, now) => {
      lookedAt = new Map(claws.map(({ instanceId }) => [instanceId, lookedAt.get(instanceId) ?? Number.NEGATIVE_INFINITY]));
      // Of a claw that has gone since its folder was looked through.
      for (const instanceId of sizes.keys()) if (!lookedAt.has(instanceId)) sizes.delete(instanceId);
      const next = claws.find(({ instanceId }) => now - (lookedAt.get(instanceId) ?? 0) >= DISK_MILLISECONDS);
      if (looking || !next) return;
      looking = true;
      lookedAt.set(next.instanceId, now);
      void folderSize(clawFolders(dataDir, next.slug).root)
        .then((size) => void (size !== null && sizes.set(next.instanceId, size)))
        .finally(() => {
          looking = false;
        });
    },
  };
}
