import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Entitlement, UNLIMITED_PLAN } from '../../workflows/contracts/quota.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { assertEntitled, planOf } from '../http/entitlements.ts';
import { contextIn, reachableTenant } from '../http/other-tenant.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import type { BillingPort } from './billing.ts';
import { planPolicy, usageExportPolicy } from './plan.policy.ts';
import { exportUsage, exportUsageCsv, getTenantPlan, listPlans, putPlan, putTenantPlan } from './plan.schema.ts';
import { readPlans, readTenantPlan, writePlan, writeTenantPlan } from './plan-queries.ts';
import { periodOf, readUsage, usageCsv } from './usage-export.ts';

export interface PlanDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly billing: BillingPort;
}

const look = { action: Action.read, policy: planPolicy } as const;
const decide = { action: Action.update, policy: planPolicy } as const;
const bill = { action: Action.read, policy: usageExportPolicy } as const;

/** Plans, who is on which, and the usage that invoices are made from. */
export function planRoutes({ kit: { mount }, database, billing }: PlanDeps): Router {
  const router = Router();
  mount(router, listPlans, look, async ({ actor }) => ({ status: 200, body: { items: await database.withTenantSql(actor.tenantId, readPlans) } }));

  mount(router, putPlan, decide, async ({ actor, context, params: { name }, body }) => {
    if (name === UNLIMITED_PLAN) {
      throw new Failure('NAME_TAKEN', `The plan ${name} stays as it is: it is that of every tenant without another.`, { nextStep: 'Choose another name.' });
    }
    const body200 = await database.withTenantSql(actor.tenantId, async (sql) => {
      const before = (await readPlans(sql)).find((plan) => plan.name === name);
      const written = await writePlan(sql, name, body, actor.userId);
      if (actor.tenantId) await audit(sql, context, { action: 'plan.set', target: name, before, after: written });
      return written;
    });
    return { status: 200, body: body200 };
  });

  mount(router, getTenantPlan, look, async ({ actor, params }) => ({
    status: 200,
    body: await database.withTenantSql(reachableTenant(actor, params.id), readTenantPlan),
  }));

  mount(router, putTenantPlan, decide, async ({ actor, context, params: { id }, body: { plan } }) => ({
    status: 200,
    body: await database.withTenantSql(id, async (sql) => {
      const { plan: before } = await readTenantPlan(sql);
      await writeTenantPlan(sql, id, plan, actor.userId);
      await billing.planChanges(sql, { tenantId: id, before: before.name, after: plan, userId: actor.userId });
      await audit(sql, contextIn(context, id), { action: 'tenant.plan', target: id, before: { plan: before.name }, after: { plan } });
      return readTenantPlan(sql);
    }),
  }));

  const usageOf = (actor: Actor, query: { from?: string | undefined; to?: string | undefined }) => {
    const period = periodOf(query);
    return database.withTenantSql(actor.tenantId, async (sql) => {
      await assertEntitled(sql, actor.tenantId, Entitlement.usageExport);
      const rows = await readUsage(sql, period);
      return { from: period.from.toISOString(), to: period.to.toISOString(), tenantId: actor.tenantId, plan: (await planOf(sql, actor.tenantId)).name, rows };
    });
  };
  mount(router, exportUsage, bill, async ({ actor, query }) => ({ status: 200, body: await usageOf(actor, query) }));
  mount(router, exportUsageCsv, bill, async ({ actor, query }) => {
    const { rows } = await usageOf(actor, query);
    const headers = { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': 'attachment; filename="usage.csv"' };
    return { status: 200, headers, body: Buffer.from(usageCsv(rows)) };
  });
  return router;
}
