import type pg from 'pg';
import { inTransaction } from '../../prisma/client.ts';
import type { BridgeClaw } from '../../workflows/contracts/bridge-protocol.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { enqueueEvent } from '../http/outbox.ts';
import { unknownOf } from './workload-feed.ts';

/**
 * Notes which claws of a host the platform has never heard of, so that people see them and their slots stay taken. Answers how many.
 */
export async function noteUnknownClaws(pool: pg.Pool, hostId: string, claws: readonly BridgeClaw[]): Promise<number> {
  const strangers = new Set(
    await unknownOf(
      pool,
      claws.map(({ instanceId }) => instanceId),
    ),
  );
  const unknown = claws.filter(({ instanceId }) => strangers.has(instanceId));
  await inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query('UPDATE host SET unknown_claws = $2 WHERE id = $1 AND unknown_claws <> $2', [hostId, JSON.stringify(unknown)]);
    if (rowCount !== 1) return;
    const { rows } = await sql.query<{ tenant_id: string }>('SELECT tenant_id FROM host_audience($1)', [hostId]);
    for (const { tenant_id } of rows) await enqueueEvent(sql, tenant_id, EventType.hostUpdated, hostId);
  });
  return unknown.length;
}
