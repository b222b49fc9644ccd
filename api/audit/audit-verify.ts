import type pg from 'pg';
import { type AuditSeal, auditHash, signedText } from '../../prisma/audit-chain.ts';
import { decodeCursor, encodeCursor } from '../http/pagination.ts';
import { AUDIT_COLUMNS, type AuditRow } from './audit.presenter.ts';
import { AuditBreak, type AuditVerdict } from './audit.schema.ts';

const SORT = 'verify';
/** So many entries are looked at for one answer: about a second. */
const PIECE = 20_000;
const PAGE = 2_000;
/** What the first entry of every chain is about. A chain that was taken away whole does not begin with it a second time. */
const BEGINNINGS: readonly string[] = ['platform.set-up', 'tenant.create'];

/** Runs in a transaction of the tenant whose chain it is. */
export type InTenant = <T>(work: (sql: pg.ClientBase) => Promise<T>) => Promise<T>;

interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly signature: string | null;
  readonly cut_seq: number;
  readonly cut_hash: string;
  readonly cut_signature: string | null;
}

const EMPTY: Head = { seq: 0, hash: '', signature: null, cut_seq: 0, cut_hash: '', cut_signature: null };

/** Where a walk stands: the last entry that was found intact, and its hash. */
interface Place {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Walks one piece along the chain of a tenant, from its beginning or from a cursor. Whoever goes on with the cursor has looked at every
 * entry up to the end that the last piece found; what is added meanwhile is left for the next time. Throws VALIDATION_FAILED for a wrong cursor.
 */
export async function verifyPiece(inTenant: InTenant, tenantId: string, seal: AuditSeal, cursor?: string, piece = PIECE): Promise<AuditVerdict> {
  const given = decodeCursor(cursor, SORT, (value) => /^\d{1,9}$/.test(value));
  const head = await inTenant(readHead);
  const anchor: Place = { seq: head.cut_seq, hash: head.cut_hash };
  const asked = given ? { seq: Number(given.value), hash: given.id } : anchor;
  // Retention may have cut further than where the walk stood: then the cut is as good a place.
  const start = asked.seq < anchor.seq ? anchor : asked;
  const walked = { checked: 0, from: null as number | null, to: null as number | null, total: head.seq, cutUpTo: head.cut_seq, nextCursor: null, broken: null };
  const broken = (kind: AuditBreak, seq: number, message: string, row?: AuditRow): AuditVerdict => ({
    ...walked,
    state: 'broken',
    broken: { kind, seq, id: row?.id ?? null, at: row?.at.toISOString() ?? null, message },
  });
  if (head.cut_seq > 0 && !(await proves(seal, signedText('cut', tenantId, head.cut_seq, head.cut_hash), head.cut_signature)))
    return broken(AuditBreak.anchor, head.cut_seq, `The mark that entries up to ${head.cut_seq} were old enough to go is not ours.`);
  if (head.seq === 0)
    return broken(AuditBreak.head, 0, 'The end of the chain is gone, and with it what proves the entries: every tenant has one from its first moment on.');
  let place = start;
  while (place.seq < head.seq && walked.checked < piece) {
    const rows = await inTenant((sql) => readPage(sql, place.seq, head.seq, Math.min(PAGE, piece - walked.checked)));
    if (rows.length === 0) return broken(AuditBreak.cut, place.seq + 1, `Entry ${place.seq + 1} and all after it, up to ${head.seq}, are gone.`);
    for (const row of rows) {
      const expected = place.seq + 1;
      if (row.seq !== expected) return broken(AuditBreak.missing, expected, `Entry ${expected} is gone.`);
      const hash = auditHash(place.hash, linkOf(row));
      if (hash !== row.hash) return broken(AuditBreak.edited, row.seq, `Entry ${row.seq} is not what was written.`, row);
      if (row.seq === 1 && !BEGINNINGS.includes(row.action)) return broken(AuditBreak.missing, 1, 'The chain began anew: what the tenant began with is gone.');
      place = { seq: row.seq, hash };
      walked.checked += 1;
      walked.from ??= row.seq;
      walked.to = row.seq;
    }
  }
  if (place.seq < head.seq) return { ...walked, state: 'more', nextCursor: encodeCursor({ sort: SORT, value: String(place.seq), id: place.hash }) };
  return endOf(place);

  async function endOf(last: Place): Promise<AuditVerdict> {
    const end = { ...walked, state: 'intact' as const };
    if (last.seq > head.seq || last.hash !== head.hash) return broken(AuditBreak.head, head.seq, `The end of the chain is not where entry ${last.seq} leads.`);
    if (head.signature === null) return broken(AuditBreak.unsigned, head.seq, 'The end of the chain is not signed; the next entry signs it.');
    if (await proves(seal, signedText('head', tenantId, head.seq, head.hash), head.signature)) return end;
    return broken(AuditBreak.head, head.seq, 'The signature of the end is not ours: entries were rewritten or cut off, up to the end.');
  }
}

async function readHead(sql: pg.ClientBase): Promise<Head> {
  const { rows } = await sql.query<Head>('SELECT seq, hash, signature, cut_seq, cut_hash, cut_signature FROM audit_head');
  return rows[0] ?? EMPTY;
}

async function readPage(sql: pg.ClientBase, after: number, upTo: number, limit: number): Promise<AuditRow[]> {
  const { rows } = await sql.query<AuditRow>(`SELECT ${AUDIT_COLUMNS} FROM audit_event WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, [
    after,
    upTo,
    limit,
  ]);
  return rows;
}

function proves(seal: AuditSeal, text: string, signature: string | null): Promise<boolean> {
  return signature === null ? Promise.resolve(false) : seal.proves(text, signature);
}

function linkOf(row: AuditRow) {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    seq: row.seq,
    actor: row.actor,
    action: row.action,
    target: row.target,
    before: row.before ?? null,
    after: row.after ?? null,
    requestId: row.request_id,
    ip: row.ip,
    at: row.at.toISOString(),
    result: row.result ?? undefined,
    reason: row.reason ?? undefined,
    userAgent: row.user_agent ?? undefined,
  };
}
