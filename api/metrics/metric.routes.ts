import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import type { MetricKeep } from '../../workflows/contracts/metrics.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { hostMetricPolicy, metricPolicy } from './metric.policy.ts';
import { getHostMetrics, getInstanceMetrics, getTopHosts, getTopInstances } from './metric.schema.ts';
import { readHostMetrics, readInstanceMetrics } from './series.ts';
import { readTopHosts, readTopInstances } from './top.ts';
import { chooseWindow } from './window.ts';

export interface MetricDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly keep: MetricKeep;
}

/** What claws and hosts use, now and over time. */
export function metricRoutes({ kit: { mount }, database, keep }: MetricDeps): Router {
  const router = Router();
  const read = { action: Action.read, policy: metricPolicy } as const;
  const readHosts = { action: Action.read, policy: hostMetricPolicy } as const;

  mount(router, getTopInstances, read, async ({ actor, query: { sort, limit, names } }) => {
    const wanted = names === undefined ? null : names.split(',').filter((name) => name !== '');
    return { status: 200, body: await database.withTenantSql(actor.tenantId, (sql) => readTopInstances(sql, { sort, limit, names: wanted })) };
  });

  mount(router, getTopHosts, readHosts, async ({ actor }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => readTopHosts(sql)),
  }));

  mount(router, getInstanceMetrics, read, async ({ actor, params, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => readInstanceMetrics(sql, params.id, chooseWindow(query, keep))),
  }));

  mount(router, getHostMetrics, readHosts, async ({ actor, params, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => readHostMetrics(sql, params.id, chooseWindow(query, keep))),
  }));

  return router;
}
