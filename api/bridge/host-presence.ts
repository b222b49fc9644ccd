import type pg from 'pg';
import { inTransaction } from '../../prisma/client.ts';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { enqueueEvent } from '../http/outbox.ts';

/** The host a token belongs to. */
export interface KnownHost {
  readonly id: string;
  readonly name: string;
}

/** The host with this token hash, or null. */
export async function findHost(pool: pg.Pool, tokenHash: string): Promise<KnownHost | null> {
  const { rows } = await pool.query<KnownHost>('SELECT id, name FROM lookup_host($1)', [tokenHash]);
  return rows[0] ?? null;
}

/** Notes that the bridge of a host is there and what it says of its machine. Answers the time noted. */
export async function markConnected(pool: pg.Pool, hostId: string, info: HostInfo): Promise<Date> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ last_seen_at: Date; was_connected: boolean }>(
      `WITH before AS (SELECT connected FROM host WHERE id = $1)
       UPDATE host SET connected = true, info = $2, last_seen_at = now() WHERE id = $1
       RETURNING last_seen_at, (SELECT connected FROM before) AS was_connected`,
      [hostId, JSON.stringify(info)],
    );
    await tellAudience(sql, hostId, rows[0]?.was_connected === false ? { type: 'host.connected', data: { bridgeVersion: info.bridgeVersion } } : null);
    return rows[0]?.last_seen_at ?? new Date(0);
  });
}

/** Notes a sign of life. Answers the time noted, or null when another session has the host by now (`since` is not the last sign). */
export async function markSeen(pool: pg.Pool, hostId: string, since: Date): Promise<Date | null> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ last_seen_at: Date; was_connected: boolean }>(
      `WITH before AS (SELECT connected FROM host WHERE id = $1)
       UPDATE host SET last_seen_at = now(), connected = true WHERE id = $1 AND last_seen_at = $2
       RETURNING last_seen_at, (SELECT connected FROM before) AS was_connected`,
      [hostId, since],
    );
    if (rows[0]?.was_connected === false) await tellAudience(sql, hostId, { type: 'host.connected', data: { bridgeVersion: null } });
    return rows[0]?.last_seen_at ?? null;
  });
}

/** Notes that the bridge went, unless another session has the host by now. */
export async function markDisconnected(pool: pg.Pool, hostId: string, since: Date): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query('UPDATE host SET connected = false WHERE id = $1 AND connected AND last_seen_at = $2', [hostId, since]);
    if (rowCount === 1) await tellAudience(sql, hostId, GONE);
  });
}

/** Notes hosts as gone whose API process died without saying so: none of them gave a sign for this long. */
export async function sweepSilentHosts(pool: pg.Pool, silentSeconds: number): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      "UPDATE host SET connected = false WHERE connected AND last_seen_at < now() - $1 * interval '1 second' RETURNING id",
      [silentSeconds],
    );
    for (const { id } of rows) await tellAudience(sql, id, GONE);
  });
}

type Happening =
  | Pick<Extract<NewFleetEvent, { type: 'host.connected' }>, 'type' | 'data'>
  | Pick<Extract<NewFleetEvent, { type: 'host.disconnected' }>, 'type' | 'data'>;

const GONE: Happening = { type: 'host.disconnected', data: {} };

async function tellAudience(sql: pg.ClientBase, hostId: string, happened: Happening | null): Promise<void> {
  const { rows } = await sql.query<{ tenant_id: string }>('SELECT tenant_id FROM host_audience($1)', [hostId]);
  for (const { tenant_id } of rows) await enqueueEvent(sql, tenant_id, EventType.hostUpdated, hostId);
  if (!happened) return;
  const subject = { kind: 'host', id: hostId } as const;
  await recordFleetEvents(
    sql,
    '/api',
    rows.map(({ tenant_id: tenantId }) => ({ ...happened, tenantId, subject, hostId })),
  );
}
