import type pg from 'pg';
import type { AuditSeal } from '../../prisma/audit-chain.ts';
import type { Database } from '../../prisma/client.ts';
import { Phase } from '../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../workflows/contracts/operation.ts';
import type { DrainPass, TenantOrder, TenantProgress } from '../../workflows/contracts/tenant-work.ts';
import { acceptForTenant } from './accept-for-tenant.ts';
import { type DoomedClaw, isDown, nextOperation } from './next-operation.ts';

export interface TenantDeps {
  readonly database: Database;
  /** What the end of the tenant's audit is signed with. */
  readonly auditSeal: AuditSeal;
}

/** Claws that the progress names. */
const NAMED = 5;

interface ClawRow extends DoomedClaw {
  readonly id: string;
  readonly name: string;
  readonly message: string | null;
}

const CLAWS = `SELECT i.id, i.name, i.phase, i.message,
    ARRAY(SELECT o.kind FROM operation o WHERE o.instance_id = i.id AND o.state IN ('pending', 'running', 'retrying') ORDER BY o.seq) AS active,
    EXISTS (SELECT 1 FROM operation o WHERE o.instance_id = i.id AND o.kind = $1 AND o.state = 'failed' AND o.finished_at > now() - interval '1 minute') AS "failedLately"
  FROM instance i WHERE i.destroyed_at IS NULL ORDER BY i.id`;

/** See {@link TenantActivities.drainTenant}. */
export async function drainTenant({ database, auditSeal }: TenantDeps, order: TenantOrder): Promise<DrainPass> {
  const { tenantId, kind } = order;
  const wanted: OperationKind = kind === 'delete' ? 'destroy' : 'stop';
  const standing = await database.withTenantSql(tenantId, (sql) => readProgress(sql, order));
  if (!standing) return { remaining: 0, obsolete: true };
  const claws = await database.withTenantSql(tenantId, async (sql) => (await sql.query<ClawRow>(CLAWS, [wanted])).rows);
  for (const claw of claws) {
    // One transaction each, like those of people: a claw that is locked holds up no other.
    if (nextOperation(kind, claw) !== null) await database.withTenantSql(tenantId, (sql) => acceptForTenant(sql, auditSeal, order, claw.id, wanted));
  }
  const left = claws.filter((claw) => !isDown(kind, claw) && claw.phase !== Phase.destroyed);
  const waitingFor = left.slice(0, NAMED).map(({ id, name, phase, message }) => ({ id, name, phase, message }));
  await database.withTenantSql(tenantId, (sql) => writeProgress(sql, order, { ...standing, remaining: left.length, waitingFor }));
  return { remaining: left.length, obsolete: false };
}

/** What the row of the tenant says of this work; null when it is not wanted any more or has ended. Locks the row. */
export async function readProgress(sql: pg.ClientBase, { tenantId, tenantWorkId, kind }: TenantOrder): Promise<TenantProgress | null> {
  const { rows } = await sql.query<{ progress: TenantProgress | null }>('SELECT progress FROM tenant WHERE id = $1 AND state = $2 FOR NO KEY UPDATE', [
    tenantId,
    kind === 'delete' ? 'deleting' : 'suspended',
  ]);
  const progress = rows[0]?.progress ?? null;
  return progress?.workId === tenantWorkId ? progress : null;
}

export async function writeProgress(sql: pg.ClientBase, { tenantId, tenantWorkId }: TenantOrder, progress: TenantProgress): Promise<void> {
  await sql.query("UPDATE tenant SET progress = $3 WHERE id = $1 AND progress->>'workId' = $2", [tenantId, tenantWorkId, JSON.stringify(progress)]);
}
