import type pg from 'pg';
import { appendAudit } from '../../prisma/audit-chain.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';
import { readProgress, type TenantDeps, writeProgress } from './drain-tenant.ts';

/** See {@link TenantActivities.endTenantWork}. */
export async function endTenantWork({ database, auditSeal }: TenantDeps, order: TenantOrder): Promise<void> {
  await database.withTenantSql(order.tenantId, async (sql) => {
    const standing = await readProgress(sql, order);
    if (!standing || standing.finishedAt !== null) return;
    if (order.kind === 'delete') await close(sql, order);
    await writeProgress(sql, order, { ...standing, remaining: 0, waitingFor: [], finishedAt: new Date().toISOString() });
    const action = order.kind === 'delete' ? 'tenant.deleted' : 'tenant.suspended';
    const { tenantId, retention, requestId } = order;
    await appendAudit(sql, { tenantId, actor: 'platform', action, target: tenantId, before: null, after: { retention }, requestId, ip: null }, auditSeal);
  });
}

/** From here on nobody and no key belongs to the tenant. What could open something elsewhere goes in any case. */
async function close(sql: pg.ClientBase, { tenantId, retention }: TenantOrder): Promise<void> {
  if (retention === 'wipe') {
    await sql.query('SELECT wipe_tenant($1)', [tenantId]);
  } else {
    await sql.query('UPDATE api_key SET revoked_at = now() WHERE revoked_at IS NULL');
    await sql.query("UPDATE invitation SET state = 'revoked', ended_at = now() WHERE state = 'pending'");
    await sql.query('DELETE FROM provider');
    await sql.query('DELETE FROM sso_connection');
    await sql.query('DELETE FROM saved_view');
    await sql.query('DELETE FROM membership');
  }
  await sql.query("UPDATE tenant SET state = 'deleted', updated_at = now() WHERE id = $1", [tenantId]);
}
