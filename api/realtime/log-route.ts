import type { WebSocket } from 'ws';
import type { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { RuntimeDriver } from '../../activities/runtime/driver.ts';
import type { Database } from '../../prisma/client.ts';
import { failureView } from '../../workflows/contracts/failures.ts';
import type { Right } from '../http/authorize.ts';
import { toFailure } from '../http/problem.ts';
import { findClaw } from './claw.ts';
import { readLines } from './log-lines.ts';
import { logStreamQuery } from './stream.schema.ts';
import type { StreamRoute, StreamSocket } from './stream-sockets.ts';

export interface LogRouteDeps {
  readonly database: Database;
  readonly driver: RuntimeDriver;
  readonly right: Right;
  readonly logger: Logger;
}

const TRY_AGAIN_LATER = 1013;

/** The log of a claw as it is written. A slow reader slows the stream down, not the claw. */
export function logRoute(deps: LogRouteDeps): StreamRoute<typeof logStreamQuery> {
  return {
    path: 'logs/stream',
    right: deps.right,
    query: logStreamQuery,
    check: async (actor, instanceId) => {
      await deps.database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, instanceId));
    },
    open: (stream) => void follow(deps, stream),
  };
}

async function follow(
  { database, driver, logger }: LogRouteDeps,
  { socket, actor, instanceId, query: { tail } }: StreamSocket<z.infer<typeof logStreamQuery>>,
): Promise<void> {
  let seq = 0;
  const send = (item: object) => deliver(socket, { seq: ++seq, ...item });
  try {
    const { ref } = await database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, instanceId));
    const stream = await driver.logs(ref, { tailLines: tail, follow: true });
    socket.on('close', () => stream.destroy());
    if (socket.readyState !== socket.OPEN) return void stream.destroy();
    for await (const line of readLines(stream)) await send({ type: 'line', ...line });
    socket.close(1000, 'The log has ended.');
  } catch (error) {
    if (socket.readyState !== socket.OPEN) return;
    const failure = toFailure(error);
    if (failure.code === 'INTERNAL') logger.warn({ err: error, instanceId }, 'a log stream broke');
    await send({ type: 'error', error: failureView(failure) });
    socket.close(TRY_AGAIN_LATER, 'The log cannot be read now.');
  }
}

function deliver(socket: WebSocket, item: object): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(JSON.stringify(item), () => resolve());
  });
}
