import type pg from 'pg';
import { METRIC_LATE_SECONDS, METRIC_STEPS } from '../../workflows/contracts/metrics.ts';

/** A batch may lie at the API for a while before it is written. */
const SLACK_SECONDS = 600;

interface Subject {
  readonly table: 'instance_metric' | 'host_metric';
  readonly id: 'instance_id' | 'host_id';
  /** Column -> how a bucket of it is made of the rows of the level before. */
  readonly sums: Readonly<Record<string, string>>;
}

const mean = (column: string) => `sum(m.${column} * m.samples) / sum(m.samples)`;
const COMMON = {
  tenant_id: 'min(m.tenant_id)',
  samples: 'sum(m.samples)',
  cpu_millicores: mean('cpu_millicores'),
  cpu_millicores_max: 'max(m.cpu_millicores_max)',
  memory_bytes: mean('memory_bytes'),
  memory_bytes_max: 'max(m.memory_bytes_max)',
} as const;
const SUBJECTS: readonly Subject[] = [
  {
    table: 'instance_metric',
    id: 'instance_id',
    sums: { ...COMMON, processes_max: 'max(m.processes_max)', restarts_total: 'max(m.restarts_total)', disk_bytes: 'max(m.disk_bytes)' },
  },
  {
    table: 'host_metric',
    id: 'host_id',
    sums: { ...COMMON, disk_used_bytes: 'max(m.disk_used_bytes)', disk_total_bytes: 'max(m.disk_total_bytes)', load1: mean('load1') },
  },
];

/**
 * Brings every level up to date with the one before it, the bucket that is still running too. Looks back to the last bucket there is, and as
 * far as late samples may come; a bucket is written only when it has more samples than before. Answers the rows written.
 */
export async function rollUp(pool: pg.Pool, now = new Date()): Promise<number> {
  let written = 0;
  for (const subject of SUBJECTS) {
    for (const [index, step] of METRIC_STEPS.entries()) {
      const finer = METRIC_STEPS[index - 1];
      if (finer !== undefined) written += await rollUpLevel(pool, subject, { finer, step }, now);
    }
  }
  return written;
}

async function rollUpLevel(pool: pg.Pool, { table, id, sums }: Subject, { finer, step }: { finer: number; step: number }, now: Date): Promise<number> {
  const columns = Object.keys(sums);
  const latest = new Date(now.getTime() - (METRIC_LATE_SECONDS + SLACK_SECONDS) * 1000);
  const { rowCount } = await pool.query({
    name: `roll-up-${table}-${step}`,
    text: `WITH since AS (
        SELECT CASE WHEN max(at) IS NULL THEN '-infinity' ELSE date_bin(make_interval(secs => $2), least(max(at), $3), 'epoch') END AS at
        FROM ${table} WHERE step_seconds = $2)
      INSERT INTO ${table} AS kept (${id}, step_seconds, at, ${columns.join(', ')})
      SELECT m.${id}, $2, date_bin(make_interval(secs => $2), m.at, 'epoch') AS bucket, ${Object.values(sums).join(', ')}
      FROM ${table} m WHERE m.step_seconds = $1 AND m.at >= (SELECT at FROM since)
      GROUP BY m.${id}, bucket
      ON CONFLICT (${id}, step_seconds, at) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
      WHERE excluded.samples > kept.samples`,
    values: [finer, step, latest],
  });
  return rowCount ?? 0;
}
