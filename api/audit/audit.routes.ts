import { Readable } from 'node:stream';
import { Router } from 'express';
import type { AuditSeal } from '../../prisma/audit-chain.ts';
import type { Database } from '../../prisma/client.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { assertEntitled } from '../http/entitlements.ts';
import type { RouteKit } from '../http/route.ts';
import { auditPolicy as policy } from './audit.policy.ts';
import * as contracts from './audit.schema.ts';
import { exportText } from './audit-export.ts';
import { auditAfter, listAudit } from './audit-queries.ts';
import { verifyPiece } from './audit-verify.ts';

const EXPORT_PAGE = 1_000;
const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;
const read = { action: Action.read, policy } as const;

export interface AuditRouteDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly auditSeal: AuditSeal;
}

/** Who did what, as a list, as a file, and proved. */
export function auditRoutes({ kit, database, auditSeal }: AuditRouteDeps): Router {
  const router = Router();
  kit.mount(router, contracts.listAudit, read, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listAudit(sql, query)),
  }));
  kit.mount(router, contracts.exportAudit, read, async ({ actor, context, query }) => {
    const { format, ...filter } = query;
    await database.withTenantSql(actor.tenantId, async (sql) => {
      await assertEntitled(sql, actor.tenantId, Entitlement.auditExport);
      await audit(sql, context, { action: 'audit.export', target: actor.tenantId, after: query });
    });
    const text = exportText(format, (after) => database.withTenantSql(actor.tenantId, (sql) => auditAfter(sql, filter, after, EXPORT_PAGE)));
    const name = `clawloops-audit-${new Date().toISOString().slice(0, 19).replace(/[:-]/g, '')}Z.${format}`;
    return { status: 200, body: Readable.from(text), headers: { 'Content-Type': TYPES[format], 'Content-Disposition': `attachment; filename="${name}"` } };
  });
  kit.mount(router, contracts.verifyAudit, read, async ({ actor, query }) => ({
    status: 200,
    body: await verifyPiece((work) => database.withTenantSql(actor.tenantId, work), actor.tenantId, auditSeal, query.cursor),
  }));
  return router;
}
