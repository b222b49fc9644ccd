import type pg from 'pg';
import { METRIC_STEPS, type MetricKeep } from '../../workflows/contracts/metrics.ts';

/** Rows removed at once, so that no lock and no transaction is long. */
const BATCH = 5_000;

/** Removes rows older than their level is kept. Answers how many. */
export async function removeOldMetrics(pool: pg.Pool, keep: MetricKeep, now = new Date()): Promise<number> {
  let removed = 0;
  for (const table of ['instance_metric', 'host_metric']) {
    for (const [index, step] of METRIC_STEPS.entries()) {
      const before = new Date(now.getTime() - (keep[index] ?? 0) * 1000);
      for (let batch = BATCH; batch === BATCH; removed += batch) {
        const { rowCount } = await pool.query(
          `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE step_seconds = $1 AND at < $2 LIMIT ${BATCH}))`,
          [step, before],
        );
        batch = rowCount ?? 0;
      }
    }
  }
  return removed;
}
