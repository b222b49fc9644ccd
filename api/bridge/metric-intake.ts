import type pg from 'pg';
import { z } from 'zod';
import { inTransaction } from '../../prisma/client.ts';
import { METRIC_BATCH_TICKS, METRIC_LATE_SECONDS, METRIC_TICK_CLAWS, type MetricTick } from '../../workflows/contracts/metrics.ts';

const CPU_MILLICORES_MAX = 10_000_000;
const COUNT_MAX = 2 ** 31 - 1;
/** A clock may go this far ahead of ours. */
const EARLY_MILLISECONDS = 60_000;
/** The way takes a little longer than a bridge keeps things. */
const LATE_MILLISECONDS = (METRIC_LATE_SECONDS + 600) * 1000;

const bytes = z.int().nonnegative();
const millicores = z.int().nonnegative().max(CPU_MILLICORES_MAX);
const count = z.int().nonnegative().max(COUNT_MAX);

/** Ticks of a bridge, which may run on a machine that is not ours. */
export const metricTicks: z.ZodType<readonly MetricTick[]> = z
  .array(
    z.object({
      at: z.iso.datetime(),
      host: z.object({
        cpuMillicores: millicores,
        memoryBytes: bytes,
        diskUsedBytes: bytes,
        diskTotalBytes: bytes,
        load1: z.number().nonnegative().max(1e6),
      }),
      claws: z
        .array(
          z.object({
            instanceId: z.string().max(64),
            cpuMillicores: millicores,
            memoryBytes: bytes,
            processes: count,
            restarts: count,
            diskBytes: bytes.nullable(),
          }),
        )
        .max(METRIC_TICK_CLAWS),
    }),
  )
  .max(METRIC_BATCH_TICKS);

const INSERT_CLAWS = `INSERT INTO instance_metric (instance_id, step_seconds, at, tenant_id, samples, cpu_millicores, cpu_millicores_max,
    memory_bytes, memory_bytes_max, processes_max, restarts_total, disk_bytes)
  SELECT i.id, 0, date_trunc('second', s.at), i.tenant_id, 1, s.cpu, s.cpu, s.memory, s.memory, s.processes, s.restarts, s.disk
  FROM jsonb_to_recordset($2::jsonb) AS s(id text, at timestamptz, cpu integer, memory bigint, processes integer, restarts integer, disk bigint)
  JOIN instance i ON i.id = s.id AND i.host_id = $1
  ON CONFLICT DO NOTHING`;

const INSERT_HOST = `INSERT INTO host_metric (host_id, step_seconds, at, tenant_id, samples, cpu_millicores, cpu_millicores_max, memory_bytes,
    memory_bytes_max, disk_used_bytes, disk_total_bytes, load1)
  SELECT h.id, 0, date_trunc('second', s.at), h.tenant_id, 1, s.cpu, s.cpu, s.memory, s.memory, s."diskUsed", s."diskTotal", s.load1
  FROM jsonb_to_recordset($2::jsonb) AS s(at timestamptz, cpu integer, memory bigint, "diskUsed" bigint, "diskTotal" bigint, load1 real)
  JOIN host h ON h.id = $1
  ON CONFLICT DO NOTHING`;

/**
 * Keeps samples of this host and of claws that are on it, each moment once. Answers how many ticks were left out because their time
 * cannot be true or is too long ago.
 */
export async function storeTicks(pool: pg.Pool, hostId: string, ticks: readonly MetricTick[], now = Date.now()): Promise<number> {
  const timely = ticks.filter(({ at }) => Date.parse(at) <= now + EARLY_MILLISECONDS && Date.parse(at) >= now - LATE_MILLISECONDS);
  if (timely.length === 0) return ticks.length;
  const claws = timely.flatMap(({ at, claws: samples }) =>
    samples.map((one) => ({
      id: one.instanceId,
      at,
      cpu: one.cpuMillicores,
      memory: one.memoryBytes,
      processes: one.processes,
      restarts: one.restarts,
      disk: one.diskBytes,
    })),
  );
  const hosts = timely.map(({ at, host }) => ({
    at,
    cpu: host.cpuMillicores,
    memory: host.memoryBytes,
    diskUsed: host.diskUsedBytes,
    diskTotal: host.diskTotalBytes,
    load1: host.load1,
  }));
  await inTransaction(pool, async (sql) => {
    await sql.query({ name: 'store-host-samples', text: INSERT_HOST, values: [hostId, JSON.stringify(hosts)] });
    if (claws.length > 0) await sql.query({ name: 'store-claw-samples', text: INSERT_CLAWS, values: [hostId, JSON.stringify(claws)] });
  });
  return ticks.length - timely.length;
}
