import type pg from 'pg';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { PLATFORM_VERSION } from '../process-facts.ts';

/** A registry with what every process tells of itself: build, memory, processor time, event loop. */
export function createRegistry(component: 'api' | 'worker'): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'clawloops_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['component', 'version', 'node'] as const,
    registers: [registry],
  }).set({ component, version: PLATFORM_VERSION, node: process.versions.node }, 1);
  return registry;
}

/** How full the connection pools are: `waiting` above 0 for long means that the database or the pool is too small. */
export function measurePools(registry: Registry, pools: Readonly<Record<string, pg.Pool>>): void {
  new Gauge({
    name: 'clawloops_db_pool_connections',
    help: 'Database connections by pool and state; waiting: requests that wait for one.',
    labelNames: ['pool', 'state'] as const,
    registers: [registry],
    collect() {
      for (const [name, pool] of Object.entries(pools)) {
        this.set({ pool: name, state: 'used' }, pool.totalCount - pool.idleCount);
        this.set({ pool: name, state: 'idle' }, pool.idleCount);
        this.set({ pool: name, state: 'waiting' }, pool.waitingCount);
      }
    },
  });
}
