import type { Client } from '@temporalio/client';
import { Router } from 'express';
import type pg from 'pg';
import type { AdapterRegistry } from '../../activities/adapters/adapter.ts';
import type { Database } from '../../prisma/client.ts';
import { currentLogLevels, type LogLevelRow, orderLogLevel } from '../../prisma/log-levels.ts';
import { quantityBytes } from '../../workflows/contracts/quantities.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { checkTenant } from './check-tenant.ts';
import { type HealthDeps, healthChecks } from './checks.ts';
import { overall, present, runChecks } from './health.ts';
import { type BundleConfig, collectBundle, packBundle } from './support-bundle.ts';
import { systemPolicy as policy, supportBundlePolicy } from './system.policy.ts';
import { getPreflight, getSupportBundle, getSystemHealth, getTrace, putLogLevel } from './system.schema.ts';
import { findTrace } from './trace.ts';

export interface SystemDeps extends HealthDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly temporal: Client;
  readonly registry: AdapterRegistry;
  readonly config: HealthDeps['config'] & BundleConfig & { readonly TEMPORAL_UI_URL?: string | undefined };
}

/** A claw of the first built-in type; also what `fits` means to somebody who has not chosen yet. */
const USUAL_CLAW_BYTES = 2 ** 30;
const FRESH_MS = 1000;
const read = { action: Action.read, policy } as const;

/** Everything under `/system`. */
export function systemRoutes(deps: SystemDeps): Router {
  const router = Router();
  const { kit, database } = deps;
  const health = createHealth(deps);
  kit.mount(router, getSystemHealth, read, async ({ actor }) => ({ status: 200, body: await health(actor) }));
  kit.mount(router, putLogLevel, { action: Action.update, policy }, async ({ actor, context, body }) => {
    const { part, level, forSeconds } = body;
    const rows = await database.withTenantSql(actor.tenantId, async (sql) => {
      await orderLogLevel(sql, part, level === 'default' ? null : level, forSeconds);
      const all = await currentLogLevels(sql);
      await audit(sql, context, { action: 'system.log-level', target: part, after: { level, forSeconds } });
      return all;
    });
    return { status: 200, body: { items: rows.map(presentOrder) } };
  });
  kit.mount(router, getTrace, read, async ({ actor, query }) => {
    const found = await database.withTenantSql(actor.tenantId, (sql) => findTrace(sql, query.id));
    return { status: 200, body: await found.withRun(deps.temporal, deps.config.TEMPORAL_UI_URL ?? null) };
  });
  const preflight = async (tenantId: string) => ({ hosts: await database.withTenantSql(tenantId, (sql) => capacities(sql, usualBytes(deps.registry))) });
  kit.mount(router, getPreflight, read, async ({ actor }) => ({ status: 200, body: await preflight(actor.tenantId) }));
  kit.mount(router, getSupportBundle, { action: Action.use, policy: supportBundlePolicy }, async ({ actor, context, query }) => {
    const names = query.names === 'true';
    const files = await collectBundle({ ...deps, health: () => health(actor), preflight }, { tenantId: actor.tenantId, names });
    const folder = `clawloops-support-${new Date().toISOString().slice(0, 19).replace(/[:-]/g, '')}Z`;
    await database.withTenantSql(actor.tenantId, (sql) => audit(sql, context, { action: 'system.support-bundle', target: actor.tenantId, after: { names } }));
    return {
      status: 200,
      body: await packBundle(folder, files),
      headers: { 'Content-Type': 'application/gzip', 'Content-Disposition': `attachment; filename="${folder}.tar.gz"` },
    };
  });
  return router;
}

const presentOrder = ({ until, ...order }: LogLevelRow) => ({ ...order, until: until.toISOString() });

/** Many who ask at once get one answer: of the platform all of them, of what is their own each. */
function createHealth(deps: SystemDeps) {
  const checks = healthChecks(deps);
  const vital = new Set(checks.filter((check) => check.vital).map(({ name }) => name));
  const ofPlatform = shared(FRESH_MS, async () => {
    const [components, lag, orders] = await Promise.all([
      runChecks(checks),
      deps.relayLag().catch(() => ({ pending: 0, oldestSeconds: 0 })),
      currentLogLevels(deps.systemPool).catch(() => []),
    ]);
    return { components, relay: { pending: lag.pending, oldestSeconds: Math.round(lag.oldestSeconds) }, logLevels: orders.map(presentOrder) };
  });
  const ofTenant = sharedBy(FRESH_MS, (actor: Actor) =>
    deps.database
      .withTenantSql(actor.tenantId, (sql) => checkTenant(sql, actor))
      .catch(() => [present('hosts', { status: 'down', message: 'The database does not answer.', nextStep: 'Start PostgreSQL.', command: 'npm run up' })]),
  );
  return async (actor: Actor) => {
    const [platform, own] = await Promise.all([ofPlatform(), ofTenant(`${actor.tenantId}/${actor.userId}`, actor)]);
    const components = [...platform.components, ...own];
    return { ...platform, components, status: overall(vital, components) };
  };
}

function shared<T>(freshMs: number, ask: () => Promise<T>): () => Promise<T> {
  let asked: { at: number; answer: Promise<T> } | null = null;
  return () => {
    if (!asked || performance.now() - asked.at > freshMs) asked = { at: performance.now(), answer: ask() };
    return asked.answer;
  };
}

function sharedBy<A, T>(freshMs: number, ask: (argument: A) => Promise<T>): (key: string, argument: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key, argument) => {
    const known = answers.get(key);
    if (known) return known;
    const answer = ask(argument);
    answers.set(key, answer);
    setTimeout(() => answers.delete(key), freshMs).unref();
    return answer;
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
