import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Action } from '../http/authorize.ts';
import { decodeCursor, pageOfRows } from '../http/pagination.ts';
import type { RouteKit } from '../http/route.ts';
import { Conditions } from '../http/sql.ts';
import { hostPolicy } from './host.policy.ts';
import { HOST_COLUMNS, type HostRow, presentHost } from './host.presenter.ts';
import { getHost, listHosts } from './host.schema.ts';

const FROM = 'FROM host h CROSS JOIN LATERAL host_reservations(h.id) r';
const SORT = 'createdAt';
const read = { action: Action.read, policy: hostPolicy } as const;

/** Everything under `/hosts`. */
export function hostRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, listHosts, read, async ({ actor, query }) => {
    const conditions = new Conditions();
    const from = decodeCursor(query.cursor, SORT);
    if (from) conditions.add(`h.id > ${conditions.value(from.id)}`);
    const { rows } = await database.withTenantSql(actor.tenantId, (sql) =>
      sql.query<HostRow>(`SELECT ${HOST_COLUMNS} ${FROM} ${conditions.where} ORDER BY h.id LIMIT ${conditions.value(query.limit + 1)}`, conditions.values),
    );
    return { status: 200, body: pageOfRows(rows, query.limit, (row) => ({ sort: SORT, value: '', id: row.id }), presentHost) };
  });
  kit.mount(router, getHost, read, async ({ actor, params }) => {
    const { rows } = await database.withTenantSql(actor.tenantId, (sql) => sql.query<HostRow>(`SELECT ${HOST_COLUMNS} ${FROM} WHERE h.id = $1`, [params.id]));
    if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such host.');
    return { status: 200, body: presentHost(rows[0]) };
  });
  return router;
}
