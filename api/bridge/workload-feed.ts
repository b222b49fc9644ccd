import type pg from 'pg';
import type { Logger } from '../../activities/platform/logger.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import { openSecrets } from '../../activities/runtime/host/workload-store.ts';
import type { DesiredDelta } from '../../workflows/contracts/bridge-protocol.ts';
import type { Workload } from '../../workflows/contracts/workload.ts';

interface Row {
  readonly instance_id: string;
  readonly document: Omit<Workload, 'secretEnv'>;
  readonly secrets: string | null;
}

const CHANNEL = 'clawloops_workload';
const COLUMNS = 'instance_id, document, secrets';
const RECONNECT_MILLISECONDS = 500;

/**
 * Every workload of a host with its secrets opened, and which of the ids its bridge has must end: those of instances that are known and
 * have no workload. An id that no instance ever had is left alone: it is the memory of the platform that is short, not its wish.
 */
export async function everyWorkload(pool: pg.Pool, secrets: SecretBox, hostId: string, known: readonly string[]): Promise<DesiredDelta> {
  const { rows } = await pool.query<Row>(`SELECT ${COLUMNS} FROM workload WHERE host_id = $1 ORDER BY instance_id`, [hostId]);
  const recorded = new Set(rows.map((row) => row.instance_id));
  const idle = known.filter((id) => !recorded.has(id));
  const strangers = new Set(await unknownOf(pool, idle));
  return { upsert: await Promise.all(rows.map((row) => opened(row, secrets))), remove: idle.filter((id) => !strangers.has(id)) };
}

/** Which of these ids no instance has or had. */
export async function unknownOf(pool: pg.Pool, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM unnest($1::text[]) AS id WHERE NOT EXISTS (SELECT 1 FROM instance i WHERE i.id = id.id)', [
    ids,
  ]);
  return rows.map(({ id }) => id);
}

/** One workload as it is now. */
export async function oneWorkload(pool: pg.Pool, secrets: SecretBox, hostId: string, instanceId: string): Promise<DesiredDelta> {
  const { rows } = await pool.query<Row>({
    name: 'one-workload',
    text: `SELECT ${COLUMNS} FROM workload WHERE host_id = $1 AND instance_id = $2`,
    values: [hostId, instanceId],
  });
  return rows[0] ? { upsert: [await opened(rows[0], secrets)], remove: [] } : { upsert: [], remove: [instanceId] };
}

async function opened({ instance_id, document, secrets: sealed }: Row, secrets: SecretBox): Promise<Workload> {
  return { ...document, secretEnv: await openSecrets(secrets, instance_id, sealed) };
}

export interface FeedListener {
  changed(hostId: string, instanceId: string): void;
  /** Notifications may have been missed. */
  resync(): void;
}

/** Listens for changed workloads on a connection of its own, which is taken again whenever it is lost. */
export function listenForWorkloads(pool: pg.Pool, logger: Logger, listener: FeedListener): { close(): void } {
  let client: pg.PoolClient | null = null;
  let closed = false;
  let first = true;

  const lost = (reason: string): void => {
    client?.release(true);
    client = null;
    if (closed) return;
    logger.warn({ reason }, 'the connection that listens for workloads was lost');
    setTimeout(() => void connect(), RECONNECT_MILLISECONDS);
  };

  const connect = async (): Promise<void> => {
    if (closed) return;
    try {
      const fresh = await pool.connect();
      if (closed) return fresh.release(true);
      client = fresh;
      fresh.once('error', (error) => client === fresh && lost(error.message));
      fresh.once('end', () => client === fresh && lost('ended'));
      fresh.on('notification', ({ payload = '' }) => {
        const [hostId, instanceId] = payload.split(' ');
        if (hostId && instanceId) listener.changed(hostId, instanceId);
      });
      await fresh.query(`LISTEN ${CHANNEL}`);
      if (!first) listener.resync();
      first = false;
    } catch (error) {
      lost((error as Error).message);
    }
  };

  void connect();
  return {
    close: () => {
      closed = true;
      client?.release(true);
      client = null;
    },
  };
}
