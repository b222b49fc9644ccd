import type pg from 'pg';
import { newId, newSecret, secretHash } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import type { ProjectGrant, Role, TenantState } from '../http/account.schema.ts';
import type { Language } from './language.ts';

/** How long a code may be handed over; and how long a page stays open with what it was exchanged for. */
export const CODE_SECONDS = 60;
export const ENTRY_SECONDS = 12 * 3600;

/** Somebody's session of the page of one claw, and the claw. */
export interface EntryRow {
  readonly token_hash: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly language: Language;
  /** False when the entry, the portal session that it was opened with, or the claw has ended. */
  readonly signed_in: boolean;
  readonly instance_id: string;
  readonly slug: string;
  readonly name: string;
  readonly project_id: string;
  readonly owner_id: string | null;
  readonly host_id: string;
  readonly phase: Phase;
  readonly spec: InstanceSpec;
}

/** What somebody is in a tenant. */
export interface MembershipRow {
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly tenant_state: TenantState;
  readonly role: Role;
  readonly grants: readonly ProjectGrant[];
}

interface NewEntry {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly userId: string;
  /** Id of the portal session that it ends with. */
  readonly sessionId: string;
  readonly language: Language;
}

/** Makes a single-use code, in the caller's transaction; those that have expired are removed. */
export async function issueCode(sql: pg.ClientBase, entry: NewEntry): Promise<{ readonly code: string; readonly expiresAt: Date }> {
  const code = newSecret();
  await sql.query('DELETE FROM claw_entry WHERE expires_at < now()');
  const { rows } = await sql.query<{ expires_at: Date }>(
    `INSERT INTO claw_entry (id, tenant_id, instance_id, user_id, session_id, language, code_hash, code_expires_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), now() + make_interval(secs => $8)) RETURNING expires_at`,
    [newId(IdPrefix.entry), entry.tenantId, entry.instanceId, entry.userId, entry.sessionId, entry.language, secretHash(code), CODE_SECONDS],
  );
  return { code, expiresAt: rows[0]?.expires_at ?? new Date() };
}

/** Takes a code at the address of its claw for the token of a session there; null when it is no such code, was used, or is too old. */
export async function exchangeCode(database: Database, code: string, slug: string): Promise<string | null> {
  const token = newSecret();
  const { rows } = await database.pool.query<{ entered: boolean }>('SELECT enter_claw($1, $2, $3, $4) AS entered', [
    secretHash(code),
    slug,
    secretHash(token),
    ENTRY_SECONDS,
  ]);
  return rows[0]?.entered === true ? token : null;
}

/** The sessions of pages with these hashes of tokens; one that does not exist is missing. */
export async function findEntries(database: Database, tokenHashes: readonly string[]): Promise<EntryRow[]> {
  const { rows } = await database.pool.query<EntryRow>({ name: 'claw-entries', text: 'SELECT * FROM lookup_claw_entries($1)', values: [tokenHashes] });
  return rows;
}

/** What the person is in the tenant, or null. */
export async function findMembership(database: Database, userId: string, tenantId: string): Promise<MembershipRow | null> {
  const { rows } = await database.pool.query<MembershipRow>({
    name: 'entry-membership',
    text: 'SELECT * FROM lookup_memberships($1) m WHERE m.tenant_id = $2',
    values: [userId, tenantId],
  });
  return rows[0] ?? null;
}
