import { Router } from 'express';
import type pg from 'pg';
import type { AdapterRegistry } from '../../activities/adapters/adapter.ts';
import type { Database } from '../../prisma/client.ts';
import { quantityBytes } from '../../workflows/contracts/quantities.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { type HealthDeps, healthChecks } from './checks.ts';
import { runChecks } from './health.ts';
import { systemPolicy as policy } from './system.policy.ts';
import { getPreflight, getSystemHealth } from './system.schema.ts';

export interface SystemDeps extends HealthDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly registry: AdapterRegistry;
}

/** A claw of the first built-in type; also what `fits` means to somebody who has not chosen yet. */
const USUAL_CLAW_BYTES = 2 ** 30;
const FRESH_MS = 1000;

/** Everything under `/system`. */
export function systemRoutes(deps: SystemDeps): Router {
  const router = Router();
  const checks = healthChecks(deps);
  const health = shared(FRESH_MS, async () => {
    const lag = await deps.relayLag().catch(() => ({ pending: 0, oldestSeconds: 0 }));
    return { ...(await runChecks(checks)), relay: { pending: lag.pending, oldestSeconds: Math.round(lag.oldestSeconds) } };
  });
  deps.kit.mount(router, getSystemHealth, { action: Action.read, policy }, async () => ({ status: 200, body: await health() }));
  deps.kit.mount(router, getPreflight, { action: Action.read, policy }, async ({ actor }) => ({
    status: 200,
    body: { hosts: await deps.database.withTenantSql(actor.tenantId, (sql) => capacities(sql, usualBytes(deps.registry))) },
  }));
  return router;
}

/** Many who ask at once get one answer. */
function shared<T>(freshMs: number, ask: () => Promise<T>): () => Promise<T> {
  let asked: { at: number; answer: Promise<T> } | null = null;
  return () => {
    if (!asked || performance.now() - asked.at > freshMs) asked = { at: performance.now(), answer: ask() };
    return asked.answer;
  };
}

function usualBytes(registry: AdapterRegistry): number {
  const [first] = registry.builtIn.values();
  return (first && quantityBytes(first.defaultResources.memory)) || USUAL_CLAW_BYTES;
}

interface CapacityRow {
  readonly id: string;
  readonly name: string;
  readonly memory: string;
  readonly slots: number;
  readonly taken: string;
  readonly instances: string;
}

async function capacities(sql: pg.ClientBase, clawBytes: number) {
  const { rows } = await sql.query<CapacityRow>(
    `SELECT h.id, h.name, h.info->>'memoryBytes' AS memory, (h.info->'ports'->>'slots')::integer AS slots, r.memory_bytes AS taken, r.instances
     FROM host h CROSS JOIN LATERAL host_reservations(h.id) r WHERE h.connected AND h.info IS NOT NULL ORDER BY h.id`,
  );
  return rows.map((row) => {
    const freeMemoryBytes = Math.max(0, Number(row.memory) - Number(row.taken));
    const freeSlots = Math.max(0, row.slots - Number(row.instances));
    return { id: row.id, name: row.name, freeMemoryBytes, clawsThatFit: Math.min(freeSlots, Math.floor(freeMemoryBytes / clawBytes)) };
  });
}
