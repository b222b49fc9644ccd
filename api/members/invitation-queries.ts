import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { ProjectGrant, Role } from '../http/account.schema.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import { reaches } from '../http/standing.ts';
import type { InvitationState, InvitationView, ListInvitationsQuery } from './invitation.schema.ts';

const SORT = '-createdAt';

/** An invitation as it is stored; `state` is told with the clock of the database. */
export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly grants: readonly ProjectGrant[];
  readonly hash: string;
  readonly state: InvitationState;
  readonly invited_by: string;
  readonly inviter_name: string | null;
  readonly inviter_email: string | null;
  readonly mailed: boolean;
  readonly created_at: Date;
  readonly sent_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
  readonly accepted_by: string | null;
}

const STATE = `CASE WHEN i.state = 'pending' AND i.expires_at <= now() THEN 'expired' ELSE i.state END`;
const SELECT = `SELECT i.id, i.email, i.role, i.grants, i.hash, ${STATE} AS state, i.invited_by, u.name AS inviter_name, u.email AS inviter_email, i.mailed,
    i.created_at, i.sent_at, i.expires_at, i.ended_at, i.accepted_by
  FROM invitation i LEFT JOIN auth."user" u ON u.id = i.invited_by`;

/** Invitations of the tenant as which `sql` runs, newest first. */
export async function listInvitations(sql: pg.ClientBase, { limit, cursor, state }: ListInvitationsQuery): Promise<Page<InvitationView>> {
  const conditions = new Conditions();
  conditions.equals(STATE, state);
  const from = decodeCursor(cursor, SORT);
  if (from) conditions.add(`i.id < ${conditions.value(from.id)}`);
  const { rows } = await sql.query<InvitationRow>(`${SELECT} ${conditions.where} ORDER BY i.id DESC LIMIT ${conditions.value(limit + 1)}`, conditions.values);
  const names = await projectNames(sql, rows);
  return pageOfRows(
    rows,
    limit,
    ({ id }) => ({ sort: SORT, value: '', id }),
    (row) => presentInvitation(row, names),
  );
}

/** Null when there is none. `lock`: nobody else changes it until the transaction ends. */
export async function readInvitation(sql: pg.ClientBase, id: string, { lock = false } = {}): Promise<InvitationRow | null> {
  const { rows } = await sql.query<InvitationRow>(`${SELECT} WHERE i.id = $1${lock ? ' FOR UPDATE OF i' : ''}`, [id]);
  return rows[0] ?? null;
}

/** The invitation as people see it. */
export async function showInvitation(sql: pg.ClientBase, id: string): Promise<InvitationView> {
  const row = await readInvitation(sql, id);
  if (!row) throw new Failure('NOT_FOUND', 'There is no such invitation.');
  return presentInvitation(row, await projectNames(sql, [row]));
}

/** Names of the projects that these invitations open. A project that is gone has none. */
export async function projectNames(sql: pg.ClientBase, rows: readonly Pick<InvitationRow, 'grants'>[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap(({ grants }) => grants.map(({ projectId }) => projectId)))];
  if (ids.length === 0) return new Map();
  const found = await sql.query<{ id: string; name: string }>('SELECT id, name FROM project WHERE id = ANY($1) AND deleted_at IS NULL', [ids]);
  return new Map(found.rows.map(({ id, name }) => [id, name]));
}

/** The grants of an invitation with the names of their projects; what leads to a project that is gone is left out. */
export function namedGrants(grants: readonly ProjectGrant[], names: ReadonlyMap<string, string>): InvitationView['grants'] {
  return grants.flatMap(({ projectId, role }) => {
    const projectName = names.get(projectId);
    return projectName === undefined ? [] : [{ projectId, projectName, role }];
  });
}

/**
 * Revokes what somebody offered and may not offer any more, now that they have this role, or (null) none. Answers how many. An offer
 * must not outlive the right to make it: whoever is sent away could have left a door open for themselves.
 */
export async function revokeInvitationsBeyond(sql: pg.ClientBase, userId: string, role: Role | null): Promise<number> {
  const { rows } = await sql.query<{ id: string; role: Role }>(
    "SELECT id, role FROM invitation WHERE invited_by = $1 AND state = 'pending' ORDER BY id FOR UPDATE",
    [userId],
  );
  const beyond = rows.filter((row) => role === null || !reaches(role, row.role)).map(({ id }) => id);
  if (beyond.length > 0) await sql.query("UPDATE invitation SET state = 'revoked', ended_at = now() WHERE id = ANY($1)", [beyond]);
  return beyond.length;
}

function presentInvitation(row: InvitationRow, names: ReadonlyMap<string, string>): InvitationView {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    grants: namedGrants(row.grants, names),
    state: row.state,
    invitedBy: { id: row.invited_by, name: row.inviter_name },
    mailed: row.mailed,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}
