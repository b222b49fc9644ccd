import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { Retention } from '../../workflows/contracts/operation.ts';
import type { TenantOrder, TenantProgress } from '../../workflows/contracts/tenant-work.ts';
import { Role, TenantState } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { enqueueTenantWork } from '../http/outbox.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { UpdateTenantBody } from './tenant.schema.ts';

/** Invites the first owner of a tenant, as which `sql` runs; answers the link to hand over. The members' side of the product implements it. */
export type InviteOwner = (sql: pg.ClientBase, context: RequestContext, email: string) => Promise<string | null>;

/** Makes a tenant with its first project, in the transaction that runs as it. */
export async function insertTenant(
  sql: pg.ClientBase,
  context: RequestContext,
  id: string,
  { name, owner }: { readonly name: string; readonly owner?: string | undefined },
  inviteOwner: InviteOwner,
): Promise<{ readonly link: string | null }> {
  const { userId } = actorOf(context);
  await sql.query('INSERT INTO tenant (id, name, created_by, last_updated_by) VALUES ($1, $2, $3, $3)', [id, name, userId]);
  await sql.query("INSERT INTO project (id, tenant_id, name, created_by, last_updated_by) VALUES ($1, $2, 'default', $3, $3)", [
    newId(IdPrefix.project),
    id,
    userId,
  ]);
  if (owner === undefined) await sql.query('INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, $3)', [id, userId, Role.owner]);
  const link = owner === undefined ? null : await inviteOwner(sql, context, owner);
  await audit(sql, context, { action: 'tenant.create', target: id, after: { name, owner: owner ?? userId } });
  return { link };
}

/** Renames, suspends or resumes, or sets how long the audit is kept. Throws NOT_FOUND, TENANT_SUSPENDED, and STILL_IN_USE while it is being deleted. */
export async function changeTenant(sql: pg.ClientBase, context: RequestContext, id: string, change: UpdateTenantBody): Promise<void> {
  const before = await lockTenant(sql, id);
  const { name = before.name, state = before.state, auditKeepDays = before.auditKeepDays } = change;
  const after = { name, state, auditKeepDays };
  await sql.query('UPDATE tenant SET name = $2, state = $3, audit_keep_days = $4, updated_at = now(), last_updated_by = $5 WHERE id = $1', [
    id,
    name,
    state,
    auditKeepDays,
    actorOf(context).userId,
  ]);
  if (after.state === TenantState.suspended && before.state === TenantState.active)
    await begin(sql, context, { tenantId: id, kind: 'suspend', retention: 'retain' });
  if (after.state === TenantState.active) await sql.query('UPDATE tenant SET progress = NULL WHERE id = $1', [id]);
  await audit(sql, context, { action: 'tenant.update', target: id, before, after });
}

/** From the commit on the tenant takes no new work. Throws NOT_FOUND, STILL_IN_USE when it is being deleted already. */
export async function beginDeletion(sql: pg.ClientBase, context: RequestContext, id: string, retention: Retention): Promise<void> {
  const before = await lockTenant(sql, id);
  await sql.query('UPDATE tenant SET state = $2, updated_at = now(), last_updated_by = $3 WHERE id = $1', [id, TenantState.deleting, actorOf(context).userId]);
  await begin(sql, context, { tenantId: id, kind: 'delete', retention });
  await audit(sql, context, { action: 'tenant.delete', target: id, before, after: { state: TenantState.deleting, retention } });
}

interface LockedTenant {
  readonly name: string;
  readonly state: TenantState;
  readonly auditKeepDays: number | null;
}

async function lockTenant(sql: pg.ClientBase, id: string): Promise<LockedTenant> {
  const { rows } = await sql.query<LockedTenant>('SELECT name, state, audit_keep_days AS "auditKeepDays" FROM tenant WHERE id = $1 FOR UPDATE', [id]);
  const [row] = rows;
  if (!row || row.state === TenantState.deleted) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  if (row.state === TenantState.deleting) throw new Failure('STILL_IN_USE', 'The tenant is being deleted.', { nextStep: 'Wait until it is gone.' });
  return row;
}

async function begin(sql: pg.ClientBase, context: RequestContext, work: Pick<TenantOrder, 'tenantId' | 'kind' | 'retention'>): Promise<void> {
  const order: TenantOrder = { ...work, tenantWorkId: newId(IdPrefix.tenantWork), requestedBy: actorOf(context).userId, requestId: context.requestId };
  const { rows } = await sql.query<{ total: number }>('SELECT count(*)::integer AS total FROM instance WHERE destroyed_at IS NULL');
  const total = rows[0]?.total ?? 0;
  const progress: TenantProgress = {
    workId: order.tenantWorkId,
    kind: order.kind,
    retention: order.retention,
    startedAt: new Date().toISOString(),
    total,
    remaining: total,
    waitingFor: [],
    finishedAt: null,
  };
  await sql.query('UPDATE tenant SET progress = $2 WHERE id = $1', [order.tenantId, JSON.stringify(progress)]);
  await enqueueTenantWork(sql, order);
}
