import { Action, authorize } from '../api/http/authorize.ts';
import { authorizeTarget } from '../api/http/authorize-target.ts';
import { type Actor, reachOf } from '../api/http/request-context.ts';
import { instancePolicy } from '../api/instances/instance.policy.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import { type Database, openDatabase } from '../prisma/client.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';

const TARGET_P95_MS = 1;
const WARM_UP = 200;
const RIGHT = { action: Action.read, policy: instancePolicy } as const;

/** What looking at rights costs a request, once it is known who asks. */
export const authBench: Bench = {
  name: 'auth',
  what: 'reads without and with a look at rights, by turns: of somebody of the whole tenant, and of a member with a grant in one project',
  options: [{ name: 'reads', byDefault: 3_000, what: 'reads of each kind' }],
  limitMinutes: 10,
  run: (context) => withFleet(context, (fleet) => measure(fleet, context)),
};

async function measure(fleet: Fleet, context: BenchContext): Promise<void> {
  const database = openDatabase({ url: fleet.platform.databaseUrls.app, maxConnections: 2 });
  const times = { plain: [] as number[], whole: [] as number[], granted: [] as number[] };
  try {
    const projectId = await firstProject(database, fleet.tenantId);
    const actors = { plain: null, whole: actorIn(fleet.tenantId, 'operator', projectId), granted: actorIn(fleet.tenantId, 'member', projectId) } as const;
    for (let index = 0; index < context.option('reads') + WARM_UP; index += 1) {
      context.signal.throwIfAborted();
      for (const kind of ['plain', 'whole', 'granted'] as const) {
        const spent = await read(database, fleet.tenantId, actors[kind], projectId);
        if (index >= WARM_UP) times[kind].push(spent);
      }
    }
  } finally {
    await database.close();
  }
  const added = (kind: 'whole' | 'granted') => percentile(times[kind], 0.95) - percentile(times.plain, 0.95);
  context.measured(
    ...spreadRows('a read without a look at rights', times.plain, 'ms', { p50: null, p95: null }),
    ...spreadRows('the same of an operator of the tenant', times.whole, 'ms', { p50: null, p95: null }),
    row('what rights in the tenant add, p95', added('whole'), 'ms', TARGET_P95_MS),
    ...spreadRows('the same of a member with a grant', times.granted, 'ms', { p50: null, p95: null }),
    row('what rights in one project add, p95', added('granted'), 'ms', null),
  );
}

function actorIn(tenantId: string, role: Actor['role'], projectId: string): Actor {
  const place = { tenantId, tenantName: 'bench', tenantState: 'active', role, grants: [{ projectId, role: 'operator' }], visiting: false } as const;
  return { ...place, userId: 'usr_bench', platformRole: null, auth: 'session', scopes: ['read', 'write'], keyId: null, keyLimits: null };
}

async function firstProject(database: Database, tenantId: string): Promise<string> {
  const { rows } = await database.withTenantSql(tenantId, (sql) => sql.query<{ id: string }>('SELECT id FROM project ORDER BY created_at LIMIT 1'));
  return rows[0]?.id ?? '';
}

/** Milliseconds of one small read, as a route does it. */
async function read(database: Database, tenantId: string, actor: Actor | null, projectId: string): Promise<number> {
  const began = performance.now();
  const everywhere = !actor || authorize(actor, RIGHT);
  await database.within(actor && reachOf(actor), async () => {
    if (!everywhere) await authorizeTarget(database, actor, RIGHT, projectId);
    await database.withTenantSql(tenantId, (sql) => sql.query('SELECT id, name FROM instance ORDER BY id DESC LIMIT 50'));
  });
  return performance.now() - began;
}
