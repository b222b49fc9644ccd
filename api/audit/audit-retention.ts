import type pg from 'pg';
import type { Logger } from '../../activities/platform/logger.ts';
import { type AuditSeal, signedText } from '../../prisma/audit-chain.ts';
import { inTransaction } from '../../prisma/client.ts';

const EVERY_MS = 60 * 60_000;
const DAY_MS = 24 * 3600 * 1000;
/** So many at a time: the chain of the tenant waits meanwhile. */
const BATCH = 2_000;

/**
 * Cuts entries that are older than their tenant keeps them, or `keepDays` where it says nothing, off the beginning of every chain, and signs where it cut, so that the rest can still be proved.
 * Answers how many it were; several processes at once share the work.
 */
export async function pruneAudit(pool: pg.Pool, seal: AuditSeal, keepDays: number, now: Date = new Date()): Promise<number> {
  const { rows } = await pool.query<{ id: string; days: number }>(
    `SELECT t.id, coalesce(t.audit_keep_days, $1) AS days FROM tenant t
     WHERE EXISTS (SELECT 1 FROM audit_event e WHERE e.tenant_id = t.id AND e.at < $2::timestamptz - make_interval(hours => 24 * coalesce(t.audit_keep_days, $1)))`,
    [keepDays, now],
  );
  let removed = 0;
  for (const { id: tenantId, days } of rows) {
    const before = new Date(now.getTime() - days * DAY_MS);
    for (;;) {
      const cut = await inTransaction(pool, (sql) => cutOnce(sql, seal, tenantId, before));
      removed += cut;
      if (cut < BATCH) break;
    }
  }
  return removed;
}

async function cutOnce(sql: pg.PoolClient, seal: AuditSeal, tenantId: string, before: Date): Promise<number> {
  const { rows: heads } = await sql.query<{ cut_seq: number }>('SELECT cut_seq FROM audit_head WHERE tenant_id = $1 FOR UPDATE', [tenantId]);
  const [head] = heads;
  if (!head) return 0;
  // From the beginning without a gap: an entry that somebody dated back does not take newer ones along.
  const { rows } = await sql.query<{ seq: number; hash: string; old: boolean }>(
    'SELECT seq, hash, at < $3 AS old FROM audit_event WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $4',
    [tenantId, head.cut_seq, before, BATCH],
  );
  const end = rows.findIndex(({ seq, old }, index) => !old || seq !== head.cut_seq + 1 + index);
  const going = end === -1 ? rows : rows.slice(0, end);
  const last = going.at(-1);
  if (!last) return 0;
  const signature = await seal.sign(signedText('cut', tenantId, last.seq, last.hash));
  await sql.query('UPDATE audit_head SET cut_seq = $2, cut_hash = $3, cut_signature = $4, cut_at = now() WHERE tenant_id = $1', [
    tenantId,
    last.seq,
    last.hash,
    signature,
  ]);
  await sql.query('DELETE FROM audit_event WHERE tenant_id = $1 AND seq <= $2', [tenantId, last.seq]);
  return going.length;
}

interface AuditRetentionOptions {
  readonly systemPool: pg.Pool;
  readonly seal: AuditSeal;
  readonly keepDays: number;
  readonly logger: Logger;
}

/** Cuts old entries off now and every hour. `systemPool` is of the system role: it does so for every tenant. */
export function keepAuditShort({ systemPool, seal, keepDays, logger }: AuditRetentionOptions): { close(): void } {
  const prune = () =>
    pruneAudit(systemPool, seal, keepDays).then(
      (removed) => removed > 0 && logger.info({ removed, keepDays }, 'old entries of the audit were cut off'),
      (error: Error) => logger.warn({ reason: error.message }, 'old entries of the audit could not be cut off'),
    );
  const timer = setInterval(() => void prune(), EVERY_MS);
  void prune();
  return { close: () => clearInterval(timer) };
}
