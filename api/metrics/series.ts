import type pg from 'pg';
import type { z } from 'zod';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';
import { type HostMetricRow, type InstanceMetricRow, limitsOf, presentHostPoint, presentInstancePoint } from './metric.presenter.ts';
import type { hostMetrics, instanceMetrics } from './metric.schema.ts';
import { addUse, NO_USE, useOverTime } from './model-use.ts';
import { bucketsOf, type MetricWindow } from './window.ts';

const mean = (column: string) => `sum(${column} * samples) / sum(samples)`;
const COMMON = `date_bin(make_interval(secs => $4), at, 'epoch') AS bucket, ${mean('cpu_millicores')} AS cpu_millicores, max(cpu_millicores_max) AS cpu_millicores_max,
  ${mean('memory_bytes')} AS memory_bytes, max(memory_bytes_max) AS memory_bytes_max`;
const WHERE = 'step_seconds = $5 AND at >= $2 AND at < $3 GROUP BY bucket ORDER BY bucket';

/** What one instance used, destroyed ones included. Throws NOT_FOUND. */
export async function readInstanceMetrics(sql: pg.ClientBase, instanceId: string, window: MetricWindow): Promise<z.infer<typeof instanceMetrics>> {
  const known = await sql.query<{ spec: InstanceSpec; created_at: Date }>('SELECT spec, created_at FROM instance WHERE id = $1', [instanceId]);
  const [instance] = known.rows;
  if (!instance) throw new Failure('NOT_FOUND', 'There is no such instance.');
  const { rows } = await sql.query<InstanceMetricRow>({
    name: 'instance-metrics',
    text: `SELECT ${COMMON}, max(processes_max) AS processes_max, max(disk_bytes) AS disk_bytes, max(restarts_total) AS restarts_total
      FROM instance_metric WHERE instance_id = $1 AND ${WHERE}`,
    values: [instanceId, window.from, window.to, window.stepSeconds, window.level],
  });
  const before = await sql.query<{ restarts_total: number }>(
    'SELECT restarts_total FROM instance_metric WHERE instance_id = $1 AND step_seconds = $2 AND at < $3 ORDER BY at DESC LIMIT 1',
    [instanceId, window.level, window.from],
  );
  const unknown = instance.created_at < window.from ? null : 0;
  const restarts = restartsOf(rows, before.rows[0]?.restarts_total ?? unknown);
  const use = await useOverTime(sql, instanceId, window);
  const measured = new Map(rows.map((row) => [row.bucket.getTime(), row]));
  return {
    ...presentWindow(window),
    limits: limitsOf(instance.spec),
    totals: { restarts: [...restarts.values()].reduce((sum, one) => sum + one, 0), ...addUse(use.values()) },
    points: bucketsOf(window).map((at) => presentInstancePoint(at, measured.get(at), restarts.get(at) ?? null, use.get(at) ?? NO_USE)),
  };
}

/** What one host used. Throws NOT_FOUND. */
export async function readHostMetrics(sql: pg.ClientBase, hostId: string, window: MetricWindow): Promise<z.infer<typeof hostMetrics>> {
  const known = await sql.query<{ info: HostInfo | null }>('SELECT info FROM host WHERE id = $1', [hostId]);
  const [host] = known.rows;
  if (!host) throw new Failure('NOT_FOUND', 'There is no such host.');
  const { rows } = await sql.query<HostMetricRow>({
    name: 'host-metrics',
    text: `SELECT ${COMMON}, max(disk_used_bytes) AS disk_used_bytes, max(disk_total_bytes) AS disk_total_bytes, ${mean('load1')} AS load1
      FROM host_metric WHERE host_id = $1 AND ${WHERE}`,
    values: [hostId, window.from, window.to, window.stepSeconds, window.level],
  });
  const measured = new Map(rows.map((row) => [row.bucket.getTime(), row]));
  const diskTotal = rows.at(-1)?.disk_total_bytes;
  return {
    ...presentWindow(window),
    capacity: host.info && {
      cpuMillicores: host.info.cpus * 1000,
      memoryBytes: host.info.memoryBytes,
      diskBytes: diskTotal === undefined ? null : Number(diskTotal),
    },
    points: bucketsOf(window).map((at) => presentHostPoint(at, measured.get(at))),
  };
}

/** Restarts per step from a counter that only grows, or begins anew. `before`: what it was; null = not known, so the first step tells none. */
function restartsOf(rows: readonly InstanceMetricRow[], before: number | null): ReadonlyMap<number, number> {
  let last = before;
  return new Map(
    rows.map(({ bucket, restarts_total: total }) => {
      const more = last === null ? 0 : total < last ? total : total - last;
      last = total;
      return [bucket.getTime(), more];
    }),
  );
}

function presentWindow({ from, to, stepSeconds }: MetricWindow) {
  return { from: from.toISOString(), to: to.toISOString(), stepSeconds };
}
