import type pg from 'pg';
import type { z } from 'zod';
import { presentTopHost, presentTopInstance, type TopHostRow, type TopInstanceRow } from './metric.presenter.ts';
import type { TOP_SORTS, topHosts, topInstances } from './metric.schema.ts';
import { addUse, NO_USE, useByInstance } from './model-use.ts';

/** What is older says nothing of now. */
const NOW_SECONDS = 150;
const HOUR_MS = 3_600_000;

type TopInstance = z.infer<typeof topInstances>['items'][number];
type Sort = (typeof TOP_SORTS)[number];

const RANK: Readonly<Record<Exclude<Sort, 'name'>, (item: TopInstance) => number>> = {
  cpu: (item) => item.cpuMillicores ?? -1,
  memory: (item) => item.memoryBytes ?? -1,
  requests: (item) => item.requests,
  tokens: (item) => item.promptTokens + item.completionTokens,
  cost: (item) => item.costMicroUsd,
  errors: (item) => item.errors,
  restarts: (item) => item.restarts,
};

/** The living instances of the tenant by what they use now, or used of models in the last hour. `names`: only these, by name or id. */
export async function readTopInstances(
  sql: pg.ClientBase,
  { sort, limit, names }: { sort: Sort; limit: number; names: readonly string[] | null },
  now = new Date(),
): Promise<z.infer<typeof topInstances>> {
  const { rows } = await sql.query<TopInstanceRow>({
    name: 'top-instances',
    text: `WITH newest AS (
        SELECT DISTINCT ON (instance_id) instance_id, at, cpu_millicores_max, memory_bytes, processes_max, restarts_total
        FROM instance_metric WHERE step_seconds = 0 AND at > $1 ORDER BY instance_id, at DESC)
      SELECT i.id, i.name, i.phase, i.host_id, i.spec, i.observed_restarts, m.at, m.cpu_millicores_max, m.memory_bytes, m.processes_max, m.restarts_total
      FROM instance i LEFT JOIN newest m ON m.instance_id = i.id AND i.intent_phase = 'Running'
      WHERE i.destroyed_at IS NULL AND ($2::text[] IS NULL OR i.name = ANY($2) OR i.id = ANY($2))`,
    values: [new Date(now.getTime() - NOW_SECONDS * 1000), names],
  });
  const use = await useByInstance(sql, new Date(now.getTime() - HOUR_MS));
  const all = rows.map((row) => presentTopInstance(row, use.get(row.id) ?? NO_USE));
  const measured = all.filter(({ at }) => at !== null);
  return {
    items: inOrder(all, sort).slice(0, limit),
    totals: {
      instances: all.length,
      measured: measured.length,
      cpuMillicores: measured.reduce((sum, { cpuMillicores }) => sum + (cpuMillicores ?? 0), 0),
      memoryBytes: measured.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
      ...addUse(all),
    },
  };
}

/** The hosts the tenant sees, busiest first. */
export async function readTopHosts(sql: pg.ClientBase, now = new Date()): Promise<z.infer<typeof topHosts>> {
  const { rows } = await sql.query<TopHostRow>({
    name: 'top-hosts',
    text: `WITH newest AS (
        SELECT DISTINCT ON (host_id) host_id, at, cpu_millicores_max, memory_bytes, disk_used_bytes, disk_total_bytes, load1
        FROM host_metric WHERE step_seconds = 0 AND at > $1 ORDER BY host_id, at DESC)
      SELECT h.id, h.name, h.connected, h.info, r.instances, m.at, m.cpu_millicores_max, m.memory_bytes, m.disk_used_bytes, m.disk_total_bytes, m.load1
      FROM host h CROSS JOIN LATERAL host_reservations(h.id) r LEFT JOIN newest m ON m.host_id = h.id AND h.connected
      ORDER BY m.cpu_millicores_max DESC NULLS LAST, h.name`,
    values: [new Date(now.getTime() - NOW_SECONDS * 1000)],
  });
  return { items: rows.map(presentTopHost) };
}

function inOrder(items: readonly TopInstance[], sort: Sort): TopInstance[] {
  const byName = (a: TopInstance, b: TopInstance): number => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);
  if (sort === 'name') return items.toSorted(byName);
  const rank = RANK[sort];
  return items.toSorted((a, b) => rank(b) - rank(a) || byName(a, b));
}
