import { Router } from 'express';
import type { RuntimeDriver } from '../../activities/runtime/driver.ts';
import type { Database } from '../../prisma/client.ts';
import type { Right } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { findClaw } from './claw.ts';
import { type LogLine, readLines } from './log-lines.ts';
import { getInstanceLogs } from './stream.schema.ts';

export interface LogDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly driver: RuntimeDriver;
  readonly right: Right;
}

/** `GET /instances/:id/logs`. */
export function logRoutes({ kit, database, driver, right }: LogDeps): Router {
  const router = Router();
  kit.mount(router, getInstanceLogs, right, async ({ actor, params, query, signal }) => {
    const { ref } = await database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, params.id));
    const stream = await driver.logs(ref, { tailLines: query.tail, follow: false });
    const stop = () => stream.destroy();
    signal.addEventListener('abort', stop);
    try {
      const lines: LogLine[] = [];
      for await (const line of readLines(stream)) lines.push(line);
      return { status: 200, body: { lines: lines.slice(-query.tail) } };
    } finally {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  });
  return router;
}
