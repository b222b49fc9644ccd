import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../activities/platform/ids.ts';
import type { AuditResult } from '../workflows/contracts/audit.ts';
import { IdPrefix } from '../workflows/contracts/ids.ts';

/** What the hash of a link covers, besides the hash of the link before it. Of the last three nothing is covered where there is nothing. */
export interface AuditLink {
  readonly id: string;
  readonly tenantId: string;
  readonly seq: number;
  /** Id of a person, of a person and their API key (`usr/key_…`), or `platform`. */
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string | null;
  readonly ip: string | null;
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  readonly result?: AuditResult | undefined;
  /** Code of the failure, where it was refused or failed. */
  readonly reason?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Signs the end of a chain and proves such a signature, with keys that the database does not have. */
export interface AuditSeal {
  sign(text: string): Promise<string>;
  /** False for a signature that is not ours, and for one of a key that is gone. */
  proves(text: string, signature: string): Promise<boolean>;
}

/** What the signature of the end of a chain covers; `cut`: that of the place where its beginning was cut off. */
export function signedText(what: 'head' | 'cut', tenantId: string, seq: number, hash: string): string {
  return `clawloops-audit/${what}/${tenantId}/${seq}/${hash}`;
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

/** As PostgreSQL gives it back: no dates, no characters that it does not take. */
export function storable(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return JSON.parse(JSON.stringify(value), (_key, inner) => (typeof inner === 'string' ? inner.toWellFormed().replaceAll('\u0000', '\uFFFD') : inner));
}

/**
 * Adds a link to the chain of its tenant in the caller's transaction, which must run as that tenant, and signs the new end. It locks the
 * head of the chain, so call it last: the lock order is quota, resource, audit head. Without a `seal` the end stays unsigned until the next link.
 */
export async function appendAudit(
  sql: pg.ClientBase,
  entry: Omit<AuditLink, 'id' | 'seq' | 'at'>,
  seal: AuditSeal | null,
  now: () => Date = () => new Date(),
): Promise<void> {
  const { tenantId } = entry;
  const head = await lockHead(sql, tenantId);
  const link: AuditLink = {
    ...entry,
    id: newId(IdPrefix.audit),
    seq: head.seq + 1,
    before: storable(entry.before),
    after: storable(entry.after),
    at: now().toISOString(),
  };
  const hash = auditHash(head.hash, link);
  const signature = seal ? await seal.sign(signedText('head', tenantId, link.seq, hash)) : null;
  await sql.query({
    name: 'append-audit',
    text: APPEND,
    values: [
      ...[link.id, tenantId, link.seq, link.actor, link.action, link.target, json(link.before), json(link.after), link.requestId, link.ip, hash, link.at],
      ...[link.result ?? null, link.reason ?? null, link.userAgent ?? null, signature],
    ],
  });
}

// Every change writes here, so both statements are planned once for each connection.
const LOCK_HEAD = 'SELECT seq, hash FROM audit_head WHERE tenant_id = $1 FOR UPDATE';
const APPEND = `WITH link AS (
    INSERT INTO audit_event (id, tenant_id, seq, actor, action, target, before, after, request_id, ip, hash, at, result, reason, user_agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15))
  UPDATE audit_head SET seq = $3, hash = $11, signature = $16 WHERE tenant_id = $2`;

async function lockHead(sql: pg.ClientBase, tenantId: string): Promise<{ readonly seq: number; readonly hash: string }> {
  const lock = () => sql.query<{ seq: number; hash: string }>({ name: 'lock-audit-head', text: LOCK_HEAD, values: [tenantId] });
  const [head] = (await lock()).rows;
  if (head) return head;
  await sql.query('INSERT INTO audit_head (tenant_id) VALUES ($1) ON CONFLICT (tenant_id) DO NOTHING', [tenantId]);
  const [made] = (await lock()).rows;
  if (!made) throw new Error('the head of the audit chain is not there');
  return made;
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
