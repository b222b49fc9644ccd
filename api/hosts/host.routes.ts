import { Router } from 'express';
import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { decodeCursor, pageOfRows } from '../http/pagination.ts';
import type { RouteKit } from '../http/route.ts';
import { Conditions } from '../http/sql.ts';
import { hostPolicy } from './host.policy.ts';
import { HOST_COLUMNS, type HostRow, presentHost } from './host.presenter.ts';
import { endUnknownClaw, getHost, listHosts } from './host.schema.ts';

const FROM = 'FROM host h CROSS JOIN LATERAL host_reservations(h.id) r';
const SORT = 'createdAt';
const read = { action: Action.read, policy: hostPolicy } as const;

/** Everything under `/hosts`. */
export function hostRoutes({ kit, database, systemPool }: { readonly kit: RouteKit; readonly database: Database; readonly systemPool: pg.Pool }): Router {
  const router = Router();
  kit.mount(router, listHosts, read, async ({ actor, query }) => {
    const conditions = new Conditions();
    const from = decodeCursor(query.cursor, SORT);
    if (from) conditions.add(`h.id > ${conditions.value(from.id)}`);
    const { rows } = await database.withTenantSql(actor.tenantId, (sql) =>
      sql.query<HostRow>(`SELECT ${HOST_COLUMNS} ${FROM} ${conditions.where} ORDER BY h.id LIMIT ${conditions.value(query.limit + 1)}`, conditions.values),
    );
    return {
      status: 200,
      body: pageOfRows(
        rows,
        query.limit,
        (row) => ({ sort: SORT, value: '', id: row.id }),
        (row) => presentHost(row, actor.tenantId),
      ),
    };
  });
  kit.mount(router, getHost, read, async ({ actor, params }) => {
    const { rows } = await database.withTenantSql(actor.tenantId, (sql) => sql.query<HostRow>(`SELECT ${HOST_COLUMNS} ${FROM} WHERE h.id = $1`, [params.id]));
    if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such host.');
    return { status: 200, body: presentHost(rows[0], actor.tenantId) };
  });
  kit.mount(router, endUnknownClaw, { action: Action.remove, policy: hostPolicy }, async ({ actor, params, context }) => {
    await database.withTenantSql(actor.tenantId, async (sql) => {
      await requireUnknownClaw(sql, params.id, params.instanceId, actor.tenantId);
      await audit(sql, context, { action: 'host.end-unknown-claw', target: params.id, after: { instanceId: params.instanceId } });
    });
    await forgetClaw(systemPool, params.id, params.instanceId);
    return { status: 204 };
  });
  return router;
}

async function requireUnknownClaw(sql: pg.ClientBase, hostId: string, instanceId: string, tenantId: string): Promise<void> {
  const { rows } = await sql.query<Pick<HostRow, 'name' | 'connected' | 'unknown_claws'>>('SELECT name, connected, unknown_claws FROM host WHERE id = $1', [
    hostId,
  ]);
  const [host] = rows;
  if (!host?.unknown_claws.some((claw) => claw.instanceId === instanceId && claw.tenantId === tenantId))
    throw new Failure('NOT_FOUND', 'There is no such unknown claw on this host.');
  if (!host.connected) throw new Failure('HOST_OFFLINE', `The bridge of host ${host.name} is not connected.`);
}

/** The gateway that has the bridge tells it, because there is no such workload; a bridge that misses it names the claw again when it connects. */
async function forgetClaw(systemPool: pg.Pool, hostId: string, instanceId: string): Promise<void> {
  await systemPool.query(
    `WITH forgotten AS (
       UPDATE host SET unknown_claws = (SELECT coalesce(jsonb_agg(claw), '[]') FROM jsonb_array_elements(unknown_claws) claw WHERE claw->>'instanceId' <> $2)
       WHERE id = $1)
     SELECT pg_notify('clawloops_workload', $1 || ' ' || $2)`,
    [hostId, instanceId],
  );
}
