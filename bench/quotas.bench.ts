import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import { type Database, openDatabase } from '../prisma/client.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { openHttpCaller } from './lib/http-caller.ts';
import { populate } from './lib/populate.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';

const SPEC = { replicas: 1, resources: { cpu: '10m', memory: '64Mi', storage: '1Gi' } };
const WARM_UP = 50;
/** Requests with and without a quota by turns, so that whatever else the machine does meets both alike. */
const TURN = 20;

/** What a quota costs the admission that it judges. */
export const quotasBench: Bench = {
  name: 'quotas',
  what: 'a create with and without a quota, judged by a dry run, with thousands of instances that count',
  options: [
    { name: 'rows', byDefault: 5_000, what: 'instances in the database' },
    { name: 'creates', byDefault: 400, what: 'dry runs of each kind' },
  ],
  limitMinutes: 10,
  run: (context) =>
    withFleet(
      context,
      async (fleet) => {
        const rows = context.option('rows');
        await registerEcho(fleet);
        await (await populate(fleet)).growTo(rows);
        const database = openDatabase({ url: fleet.platform.databaseUrls.app, maxConnections: 2 });
        const caller = openHttpCaller();
        try {
          const url = `${loopbackUrl(fleet)}/api/v1/instances?dryRun=true`;
          const headers = { authorization: `Bearer ${fleet.apiKey}` };
          const create = async () => (await caller.call(url, headers, { name: 'bench', type: 'echo', resources: SPEC.resources })).totalMs;
          await measure(context, database, fleet.tenantId, create);
        } finally {
          caller.close();
          await database.close();
        }
      },
      { models: false },
    ),
};

async function measure(context: BenchContext, database: Database, tenantId: string, create: () => Promise<number>): Promise<void> {
  const title = `with ${context.option('rows').toLocaleString('en-US')} instances`;
  const times = { free: [] as number[], limited: [] as number[], statement: [] as number[] };
  for (let index = 0; index < WARM_UP; index += 1) await create();
  while (times.limited.length < context.option('creates')) {
    for (const kind of ['free', 'limited'] as const) {
      await setLimit(database, tenantId, kind === 'limited' ? 1_000_000 : null);
      for (let index = 0; index < TURN; index += 1) {
        context.signal.throwIfAborted();
        times[kind].push(await create());
        if (kind === 'limited') times.statement.push(await judge(database, tenantId));
      }
    }
  }
  context.measured(
    ...spreadRows(`a dry run of a create without a quota, ${title}`, times.free, 'ms', { p50: null, p95: null }),
    ...spreadRows('the same with a quota of the tenant', times.limited, 'ms', { p50: null, p95: null }),
    row('what the quota adds, p50', percentile(times.limited, 0.5) - percentile(times.free, 0.5), 'ms'),
    ...spreadRows('the statement that judges', times.statement, 'ms', { p50: null, p95: null }),
  );
}

function setLimit(database: Database, tenantId: string, instances: number | null): Promise<unknown> {
  return database.withTenantSql(tenantId, (sql) =>
    sql.query(
      `INSERT INTO quota (tenant_id, scope_kind, scope_id, instances, last_updated_by) VALUES ($1, 'tenant', $1, $2, 'bench')
       ON CONFLICT (tenant_id, scope_kind, scope_id) DO UPDATE SET instances = excluded.instances`,
      [tenantId, instances],
    ),
  );
}

/** Milliseconds of the one statement, in a transaction of its own. */
function judge(database: Database, tenantId: string): Promise<number> {
  return database.withTenantSql(tenantId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM project LIMIT 1');
    const began = performance.now();
    await sql.query('SELECT * FROM exceeded_quotas($1, NULL, $2)', [rows[0]?.id, JSON.stringify(SPEC)]);
    return performance.now() - began;
  });
}
