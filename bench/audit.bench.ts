import type pg from 'pg';
import { keysOf } from '../activities/platform/secrets.ts';
import { createSigner } from '../activities/platform/signer.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import { appendAudit } from '../prisma/audit-chain.ts';
import { type Database, openDatabase } from '../prisma/client.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';

const TARGET_P95_MS = 2;
const WARM_UP = 200;

/** What an entry in the audit costs the transaction that it belongs to. */
export const auditBench: Bench = {
  name: 'audit',
  what: 'a change with and without its entry in the audit, by turns, each in one transaction',
  options: [{ name: 'changes', byDefault: 3_000, what: 'changes of each kind' }],
  limitMinutes: 10,
  run: (context) => withFleet(context, (fleet) => measure(fleet, context)),
};

async function measure(fleet: Fleet, context: BenchContext): Promise<void> {
  const database = openDatabase({ url: fleet.platform.databaseUrls.app, maxConnections: 2 });
  const seal = createSigner(keysOf({ current: 'bench', keys: new Map([['bench', new Uint8Array(32).fill(7)]]) }), 'audit');
  const entered = (sql: pg.ClientBase) => appendAudit(sql, { ...ENTRY, tenantId: fleet.tenantId }, seal);
  const plain: number[] = [];
  const audited: number[] = [];
  try {
    for (let index = 0; index < context.option('changes') + WARM_UP; index += 1) {
      context.signal.throwIfAborted();
      const without = await change(database, fleet.tenantId);
      const withEntry = await change(database, fleet.tenantId, entered);
      if (index < WARM_UP) continue;
      plain.push(without);
      audited.push(withEntry);
    }
  } finally {
    await database.close();
  }
  context.measured(
    ...spreadRows('a change without an entry', plain, 'ms', { p50: null, p95: null }),
    ...spreadRows('the same with its entry', audited, 'ms', { p50: null, p95: null }),
    row('what the entry adds, p95', percentile(audited, 0.95) - percentile(plain, 0.95), 'ms', TARGET_P95_MS),
  );
}

const ENTRY = {
  actor: 'usr_bench/key_bench',
  action: 'bench.change',
  target: 'bench',
  before: { name: 'before', labels: { team: 'sales' }, resources: { cpu: '500m', memory: '512Mi' } },
  after: { name: 'after', labels: { team: 'sales', env: 'prod' }, resources: { cpu: '1', memory: '1Gi' } },
  requestId: 'a-request-of-the-bench',
  ip: '127.0.0.1',
  result: 'done',
} as const;

/** Milliseconds of one small change, committed. */
async function change(database: Database, tenantId: string, also?: (sql: pg.ClientBase) => Promise<void>): Promise<number> {
  const began = performance.now();
  await database.withTenantSql(tenantId, async (sql) => {
    await sql.query('UPDATE tenant SET name = name');
    await also?.(sql);
  });
  return performance.now() - began;
}
