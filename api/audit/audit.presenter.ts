import type pg from 'pg';
import { AuditResult } from '../../workflows/contracts/audit.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { AuditEntryView } from './audit.schema.ts';

/** An entry as AUDIT_COLUMNS selects it. */
export interface AuditRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly seq: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly request_id: string | null;
  readonly ip: string | null;
  readonly hash: string;
  readonly at: Date;
  readonly result: AuditResult | null;
  readonly reason: string | null;
  readonly user_agent: string | null;
}

export const AUDIT_COLUMNS = 'id, tenant_id, seq, actor, action, target, before, after, request_id, ip, hash, at, result, reason, user_agent';

/** Where names of ids stand, by prefix. All of them are rows of the tenant, but for people. */
const NAMES: Readonly<Record<string, string>> = {
  [IdPrefix.user]: 'SELECT id, name FROM auth."user" WHERE id = ANY($1)',
  [IdPrefix.apiKey]: 'SELECT id, name FROM api_key WHERE id = ANY($1)',
  [IdPrefix.instance]: 'SELECT id, name FROM instance WHERE id = ANY($1)',
  [IdPrefix.operation]: 'SELECT o.id, i.name FROM operation o JOIN instance i ON i.id = o.instance_id WHERE o.id = ANY($1)',
  [IdPrefix.host]: 'SELECT id, name FROM host WHERE id = ANY($1)',
  [IdPrefix.provider]: 'SELECT id, name FROM provider WHERE id = ANY($1)',
  [IdPrefix.project]: 'SELECT id, name FROM project WHERE id = ANY($1)',
  [IdPrefix.tenant]: 'SELECT id, name FROM tenant WHERE id = ANY($1)',
};

/** Names of whoever and whatever the rows are about, by id; one query for each kind. */
export async function namesOf(sql: pg.ClientBase, rows: readonly Pick<AuditRow, 'actor' | 'target'>[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap(({ actor, target }) => [...actor.split('/'), target]))];
  const names = new Map<string, string>();
  for (const [prefix, query] of Object.entries(NAMES)) {
    const own = ids.filter((id) => id.startsWith(`${prefix}_`));
    if (own.length === 0) continue;
    const found = await sql.query<{ id: string; name: string }>(query, [own]);
    for (const { id, name } of found.rows) names.set(id, name);
  }
  return names;
}

/** An entry for people: ids with the names that they have now, or had when it happened. */
export function presentAudit(row: AuditRow, names: ReadonlyMap<string, string>): AuditEntryView {
  return {
    id: row.id,
    seq: row.seq,
    at: row.at.toISOString(),
    actor: actorOf(row.actor, names),
    action: row.action,
    target: { kind: row.action.split('.')[0] ?? '', id: row.target, name: names.get(row.target) ?? nameIn(row.after) ?? nameIn(row.before) },
    result: row.result ?? AuditResult.done,
    reason: row.reason,
    before: row.before ?? null,
    after: row.after ?? null,
    requestId: row.request_id,
    ip: row.ip,
    userAgent: row.user_agent,
    hash: row.hash,
  };
}

function actorOf(actor: string, names: ReadonlyMap<string, string>): AuditEntryView['actor'] {
  const [person = '', key] = actor.split('/');
  if (person === 'platform') return { kind: 'platform', id: null, name: null, key: null };
  const name = names.get(person) ?? null;
  return { kind: key ? 'key' : 'person', id: person, name, key: key ? { id: key, name: names.get(key) ?? null } : null };
}

/** What is gone still has its name in what was recorded of it. */
function nameIn(recorded: unknown): string | null {
  const { name, email, metadata } = (recorded ?? {}) as { name?: unknown; email?: unknown; metadata?: { name?: unknown } };
  return [name, email, metadata?.name].find((one): one is string => typeof one === 'string') ?? null;
}
