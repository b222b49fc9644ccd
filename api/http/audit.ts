import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { RequestContext } from './request-context.ts';

/** One thing that somebody did. `before` and `after` must not hold secrets. */
export interface AuditEntry {
  /** `<resource>.<verb>`, e.g. `instance.create`. */
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What the hash of a link covers, besides the hash of the link before it. */
export interface AuditLink {
  readonly id: string;
  readonly tenantId: string;
  readonly seq: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly at: string;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join(',')}}`;
}

/** sha256 over the link before and this one in canonical JSON, in hex. */
export function auditHash(previous: string, link: AuditLink): string {
  return createHash('sha256').update(previous).update(canonical(link)).digest('hex');
}

/**
 * Adds a link to the tenant's chain in the caller's transaction, which must run as that tenant. It locks the head of the chain, so
 * call it last: the lock order is quota, resource, audit head.
 */
export async function audit(sql: pg.ClientBase, context: RequestContext, entry: AuditEntry, now: () => Date = () => new Date()): Promise<void> {
  const { actor } = context;
  if (!actor) throw new Error('an audited act needs an actor');
  await sql.query('INSERT INTO audit_head (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING', [actor.tenantId]);
  const { rows } = await sql.query<{ seq: number; hash: string }>('SELECT seq, hash FROM audit_head WHERE tenant_id = $1 FOR UPDATE', [actor.tenantId]);
  const head = rows[0];
  if (!head) throw new Error('the head of the audit chain is not there');
  const link: AuditLink = {
    id: newId(IdPrefix.audit),
    tenantId: actor.tenantId,
    seq: head.seq + 1,
    actor: actor.keyId ? `${actor.userId}/${actor.keyId}` : actor.userId,
    action: entry.action,
    target: entry.target,
    before: entry.before ?? null,
    after: entry.after ?? null,
    requestId: context.requestId,
    ip: context.ip || null,
    at: now().toISOString(),
  };
  const hash = auditHash(head.hash, link);
  await sql.query(
    `INSERT INTO audit_event (id, tenant_id, seq, actor, action, target, before, after, request_id, ip, hash, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [link.id, link.tenantId, link.seq, link.actor, link.action, link.target, json(entry.before), json(entry.after), link.requestId, link.ip, hash, link.at],
  );
  await sql.query('UPDATE audit_head SET seq = $2, hash = $3 WHERE tenant_id = $1', [actor.tenantId, link.seq, hash]);
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
