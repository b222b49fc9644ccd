import { Router } from 'express';
import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Action, abilityOf, authorize, type Right } from '../http/authorize.ts';
import { contextIn } from '../http/other-tenant.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { asTenant } from './as-tenant.ts';
import { platformPolicy, tenantPolicy } from './tenant.policy.ts';
import * as contracts from './tenant.schema.ts';
import { beginDeletion, changeTenant, type InviteOwner, insertTenant } from './tenant.service.ts';
import { listTenants, showTenant } from './tenant-queries.ts';

export interface TenantDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  /** Role clawloops_system: it sees all tenants. */
  readonly systemPool: pg.Pool;
  readonly inviteOwner: InviteOwner;
}

const look = { action: Action.read, policy: tenantPolicy } as const;
const update = { action: Action.update, policy: tenantPolicy } as const;
const remove = { action: Action.remove, policy: tenantPolicy } as const;
const lookAtAll = { action: Action.read, policy: platformPolicy } as const;
const create = { action: Action.create, policy: platformPolicy } as const;
const manageAll = { action: Action.update, policy: platformPolicy } as const;

/** `/tenants` and one of them; what hangs on it has routes of its own. */
export function tenantRoutes({ kit: { mount }, database, systemPool, inviteOwner }: TenantDeps): Router {
  const router = Router();
  const pools = { systemPool, pool: database.pool };
  mount(router, contracts.listTenants, look, async ({ actor, query }) => {
    const ids = holds(actor, lookAtAll) ? null : await ownTenants(database, actor);
    return { status: 200, body: await listTenants(pools, ids, query) };
  });
  mount(router, contracts.createTenant, create, async ({ body, context, once }) => {
    const reply = await once(async (sql) => {
      const id = newId(IdPrefix.tenant);
      const { link } = await asTenant(sql, id, () => insertTenant(sql, contextIn(context, id), id, body, inviteOwner));
      return { status: 201, body: { id, link } };
    });
    const { id, link } = reply.body as { id: string; link: string | null };
    return { ...reply, body: { tenant: await showTenant(pools, id), link } };
  });
  mount(router, contracts.getTenant, look, async ({ actor, params }) => {
    assertReaches(actor, params.id, lookAtAll);
    return { status: 200, body: await showTenant(pools, params.id) };
  });
  mount(router, contracts.updateTenant, update, async ({ actor, params, body, context, once }) => {
    assertReaches(actor, params.id, manageAll);
    if (body.state !== undefined || body.auditKeepDays !== undefined) authorize(actor, manageAll);
    await once((sql) => asTenant(sql, params.id, () => changeTenant(sql, contextIn(context, params.id), params.id, body)).then(() => ({ status: 200 })));
    return { status: 200, body: await showTenant(pools, params.id) };
  });
  mount(router, contracts.deleteTenant, remove, async ({ actor, params, query, context, once }) => {
    assertReaches(actor, params.id, manageAll);
    await once((sql) =>
      asTenant(sql, params.id, () => beginDeletion(sql, contextIn(context, params.id), params.id, query.retention)).then(() => ({ status: 202 })),
    );
    return { status: 202, body: await showTenant(pools, params.id) };
  });
  return router;
}

function holds(actor: Actor, { action, policy }: Right): boolean {
  return abilityOf(actor, [policy]).can(action, policy.subject);
}

/** Throws NOT_FOUND for another tenant than the caller's own, unless they have this right on the platform. A visitor owns nothing. */
function assertReaches(actor: Actor, tenantId: string, beyond: Right): void {
  if ((actor.tenantId === tenantId && !actor.visiting) || holds(actor, beyond)) return;
  throw new Failure('NOT_FOUND', 'There is no such tenant.');
}

async function ownTenants(database: Database, actor: Actor): Promise<string[]> {
  // A key opens its own tenant and tells of no other, and so does a session that the tenant's identity provider vouched for.
  if (actor.auth === 'key' || actor.sso) return [actor.tenantId];
  const { rows } = await database.pool.query<{ tenant_id: string }>('SELECT tenant_id FROM lookup_memberships($1)', [actor.userId]);
  return rows.map(({ tenant_id: id }) => id);
}
