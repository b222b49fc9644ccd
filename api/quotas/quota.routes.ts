import { Router } from 'express';
import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { LimitScope } from '../../workflows/contracts/quota.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { contextIn, reachableTenant } from '../http/other-tenant.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { Reply, RouteKit } from '../http/route.ts';
import { type ClawPoliciesView, getTenantPolicies, putProjectPolicies, putTenantPolicies } from './claw-policy.schema.ts';
import { readPolicies, writePolicies } from './claw-policy-queries.ts';
import { quotaPolicy, tenantLimitPolicy } from './quota.policy.ts';
import { getQuota, getTenantQuota, putProjectQuota, putTenantQuota, type QuotaView } from './quota.schema.ts';
import { readQuota, writeQuota } from './quota-queries.ts';

const look = { action: Action.read, policy: quotaPolicy } as const;
const share = { action: Action.update, policy: quotaPolicy } as const;
const limit = { action: Action.update, policy: tenantLimitPolicy } as const;

/** Quotas and policies of tenants and projects. */
export function quotaRoutes({ kit: { mount }, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  const quotaOf = async (tenantId: string) => ok(await database.withTenantSql(tenantId, readQuota));
  const policiesOf = async (tenantId: string) => ok(await database.withTenantSql(tenantId, readPolicies));

  mount(router, getQuota, look, ({ actor }) => quotaOf(actor.tenantId));
  mount(router, getTenantQuota, look, ({ actor, params }) => quotaOf(reachableTenant(actor, params.id)));
  mount(router, putTenantQuota, limit, ({ context, params, body }) =>
    change(database, contextIn(context, params.id), { kind: 'tenant', id: params.id }, QUOTA, (sql, scope, by) => writeQuota(sql, scope, body, by)),
  );
  mount(router, putProjectQuota, share, ({ context, params, body }) =>
    change(database, context, { kind: 'project', id: params.id }, QUOTA, (sql, scope, by) => writeQuota(sql, scope, body, by)),
  );
  mount(router, getTenantPolicies, look, ({ actor, params }) => policiesOf(reachableTenant(actor, params.id)));
  mount(router, putTenantPolicies, limit, ({ context, params, body }) =>
    change(database, contextIn(context, params.id), { kind: 'tenant', id: params.id }, POLICIES, (sql, scope, by) => writePolicies(sql, scope, body, by)),
  );
  mount(router, putProjectPolicies, share, ({ context, params, body }) =>
    change(database, context, { kind: 'project', id: params.id }, POLICIES, (sql, scope, by) => writePolicies(sql, scope, body, by)),
  );
  return router;
}

interface Scope {
  readonly kind: LimitScope;
  readonly id: string;
}

interface Kind<V> {
  readonly action: string;
  readonly read: (sql: pg.ClientBase) => Promise<V>;
  /** What the audit keeps of it. */
  readonly own: (view: V, scope: Scope) => unknown;
}

const QUOTA: Kind<QuotaView> = {
  action: 'quota.set',
  read: readQuota,
  own: (view, scope) => [view.tenant, ...view.projects].find(({ id }) => id === scope.id)?.limits,
};

const POLICIES: Kind<ClawPoliciesView> = {
  action: 'policy.set',
  read: readPolicies,
  own: (view, { id }) => [view.tenant, ...view.projects].find(({ scope }) => scope.id === id)?.rules,
};

/** Writes limits or rules of one scope, audited with what was before, and answers all of them. Throws NOT_FOUND. */
function change<V>(
  database: Database,
  context: RequestContext,
  scope: Scope,
  kind: Kind<V>,
  write: (sql: pg.ClientBase, scope: Scope, by: string) => Promise<void>,
): Promise<Reply> {
  const { tenantId, userId } = actorOf(context);
  return database.withTenantSql(tenantId, async (sql) => {
    const table = scope.kind === 'tenant' ? 'tenant' : 'project';
    const { rowCount } = await sql.query(`SELECT 1 FROM ${table} WHERE id = $1 FOR KEY SHARE`, [scope.id]);
    if (!rowCount) throw new Failure('NOT_FOUND', `There is no such ${scope.kind}.`);
    const before = kind.own(await kind.read(sql), scope);
    await write(sql, scope, userId);
    const view = await kind.read(sql);
    await audit(sql, context, { action: kind.action, target: scope.id, before, after: kind.own(view, scope) });
    return ok(view);
  });
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}
