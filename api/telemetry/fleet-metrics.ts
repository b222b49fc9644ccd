import type pg from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { inTime } from '../../activities/platform/in-time.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import { Phase } from '../../workflows/contracts/instance.ts';

export interface FleetMetricsOptions {
  readonly registry: Registry;
  readonly systemPool: pg.Pool;
  /** Accepted work that is not delivered yet. */
  readonly relayLag: () => Promise<{ readonly pending: number; readonly oldestSeconds: number }>;
  readonly isLeading: () => boolean;
  /** Open sockets of this process by what they are for. */
  readonly sockets: () => Readonly<Record<string, number>>;
  readonly logger: Logger;
  /** How long an answer of the database serves later scrapes. Default 5 s. */
  readonly cacheMs?: number;
}

interface Fleet {
  readonly phases: Readonly<Record<string, number>>;
  readonly hosts: { readonly online: number; readonly offline: number };
  readonly relay: { readonly pending: number; readonly oldestSeconds: number };
}

const CACHE_MS = 5_000;
const LONGEST_MS = 3_000;
const FLEET = `SELECT
  (SELECT coalesce(jsonb_object_agg(phase, number), '{}') FROM (SELECT phase, count(*) AS number FROM instance WHERE phase <> '${Phase.destroyed}' GROUP BY phase) AS p) AS phases,
  (SELECT jsonb_build_object('online', count(*) FILTER (WHERE connected), 'offline', count(*) FILTER (WHERE NOT connected)) FROM host WHERE info IS NOT NULL) AS hosts`;

/**
 * Gauges of the whole fleet, read when somebody asks and at most every few seconds. Every API process shows the same ones, so that a sum
 * over processes is wrong and a maximum right. While the database does not answer they are absent and `clawloops_fleet_readable` is 0.
 */
export function measureFleet({ registry, systemPool, relayLag, isLeading, sockets, logger, cacheMs = CACHE_MS }: FleetMetricsOptions): void {
  let kept: { readonly until: number; readonly fleet: Promise<Fleet | null> } | null = null;
  const read = async (): Promise<Fleet | null> => {
    try {
      const both = Promise.all([systemPool.query<Omit<Fleet, 'relay'>>(FLEET), relayLag()]);
      const [{ rows }, relay] = await inTime(both, LONGEST_MS, () => new Error('late'));
      return rows[0] ? { ...rows[0], relay } : null;
    } catch (error) {
      logger.warn({ reason: (error as Error).message }, 'the fleet could not be counted for a scrape');
      return null;
    }
  };
  const fleet = () => {
    if (!kept || kept.until < Date.now()) kept = { until: Date.now() + cacheMs, fleet: read() };
    return kept.fleet;
  };
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[], show: (gauge: Gauge<L>) => Promise<void> | void) =>
    new Gauge<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset();
        await show(this);
      },
    });
  const ofFleet = <L extends string>(name: string, help: string, labelNames: readonly L[], show: (gauge: Gauge<L>, fleet: Fleet) => void) =>
    gauge(name, help, labelNames, async (self) => {
      const now = await fleet();
      if (now) show(self, now);
      // A gauge without labels would be 0, which nobody has counted.
      else if (labelNames.length === 0) self.remove();
    });

  gauge('clawloops_fleet_readable', 'Whether the gauges of the fleet could be read.', [], async (self) => self.set((await fleet()) ? 1 : 0));
  ofFleet('clawloops_instances', 'Instances by phase, destroyed ones left out.', ['phase'], (self, { phases }) => {
    for (const phase of Object.values(Phase)) if (phase !== Phase.destroyed) self.set({ phase }, phases[phase] ?? 0);
  });
  ofFleet('clawloops_hosts', 'Hosts that have ever been connected.', ['state'], (self, { hosts }) => {
    self.set({ state: 'online' }, hosts.online);
    self.set({ state: 'offline' }, hosts.offline);
  });
  ofFleet('clawloops_relay_pending', 'Accepted commands and events that are not delivered yet.', [], (self, { relay }) => self.set(relay.pending));
  ofFleet('clawloops_relay_oldest_seconds', 'Age of the oldest of them.', [], (self, { relay }) => self.set(relay.oldestSeconds));
  gauge('clawloops_relay_leading', 'Whether this process is the one that delivers.', [], (self) => self.set(isLeading() ? 1 : 0));
  gauge('clawloops_sockets', 'Open sockets of this process.', ['kind'], (self) => {
    for (const [kind, number] of Object.entries(sockets())) self.set({ kind }, number);
  });
}
