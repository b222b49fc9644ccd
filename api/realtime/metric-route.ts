import type { WebSocket } from 'ws';
import type { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { failureView } from '../../workflows/contracts/failures.ts';
import type { Right } from '../http/authorize.ts';
import { toFailure } from '../http/problem.ts';
import { findClaw } from './claw.ts';
import { metricStreamQuery } from './stream.schema.ts';
import type { StreamRoute, StreamSocket } from './stream-sockets.ts';

export interface MetricRouteDeps {
  readonly database: Database;
  readonly right: Right;
  readonly logger: Logger;
  /** How often is looked for new samples. */
  readonly lookMilliseconds?: number;
}

interface SampleRow {
  readonly at: Date;
  readonly cpu_millicores_max: number;
  readonly memory_bytes: string;
  readonly processes_max: number;
  readonly restarts_total: number;
}

const LOOK_MILLISECONDS = 2_000;
const TRY_AGAIN_LATER = 1013;
/** What nobody takes is not piled up. */
const BUFFER_BYTES = 256 * 1024;

/** Samples of a claw as they are stored, whichever API process its bridge speaks to. */
export function metricRoute(deps: MetricRouteDeps): StreamRoute<typeof metricStreamQuery> {
  return {
    path: 'metrics/stream',
    right: deps.right,
    query: metricStreamQuery,
    check: async (actor, instanceId) => {
      await deps.database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, instanceId));
    },
    open: (stream) => follow(deps, stream),
  };
}

function follow(
  { database, logger, lookMilliseconds = LOOK_MILLISECONDS }: MetricRouteDeps,
  { socket, actor, instanceId, query: { past } }: StreamSocket<z.infer<typeof metricStreamQuery>>,
): void {
  let seq = 0;
  let last = new Date(Date.now() - past * 1000);
  let timer: NodeJS.Timeout | undefined;
  const send = (item: object) => socket.send(JSON.stringify({ seq: ++seq, ...item }));

  const look = async (): Promise<void> => {
    if (!isOpen(socket)) return;
    try {
      if (socket.bufferedAmount < BUFFER_BYTES) {
        const rows = await database.withTenantSql(actor.tenantId, async (sql) => (await sql.query<SampleRow>(NEWER, [instanceId, last])).rows);
        for (const row of rows) if (isOpen(socket)) send(sampleOf(row));
        last = rows.at(-1)?.at ?? last;
      }
      if (isOpen(socket)) timer = setTimeout(() => void look(), lookMilliseconds);
    } catch (error) {
      if (!isOpen(socket)) return;
      const failure = toFailure(error);
      if (failure.code === 'INTERNAL') logger.warn({ err: error, instanceId }, 'a metrics stream broke');
      send({ type: 'error', error: failureView(failure) });
      socket.close(TRY_AGAIN_LATER, 'The metrics cannot be read now.');
    }
  };
  socket.on('close', () => clearTimeout(timer));
  void look();
}

const NEWER = `SELECT at, cpu_millicores_max, memory_bytes, processes_max, restarts_total FROM instance_metric
  WHERE instance_id = $1 AND step_seconds = 0 AND at > $2 ORDER BY at`;

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === socket.OPEN;
}

function sampleOf(row: SampleRow) {
  return {
    type: 'sample',
    at: row.at.toISOString(),
    cpuMillicores: row.cpu_millicores_max,
    memoryBytes: Number(row.memory_bytes),
    processes: row.processes_max,
    restarts: row.restarts_total,
  };
}
