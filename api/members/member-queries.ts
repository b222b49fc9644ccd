import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { GrantRole, Role } from '../http/account.schema.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { Conditions } from '../http/sql.ts';
import type { ListMembersQuery, MemberView } from './member.schema.ts';

const SORT = 'joinedAt';
const isTime = (value: string): boolean => /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));

interface MemberRow {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly grants: readonly { readonly projectId: string; readonly projectName: string; readonly role: GrantRole }[];
  readonly joined_at: Date;
  readonly last_seen_at: Date | null;
  readonly second_factor: boolean;
  readonly disabled: boolean;
  readonly suspended: boolean;
  readonly personal_claws: number;
}

const SELECT = `SELECT m.user_id, u.name, u.email, m.role, m.created_at AS joined_at, m.last_seen_at,
    u.two_factor_enabled AS second_factor, u.disabled_at IS NOT NULL AS disabled, m.suspended_at IS NOT NULL AS suspended,
    coalesce((SELECT jsonb_agg(jsonb_build_object('projectId', g.project_id, 'projectName', p.name, 'role', g.role) ORDER BY p.name, p.id)
      FROM project_grant g JOIN project p ON p.id = g.project_id AND p.deleted_at IS NULL WHERE g.user_id = m.user_id), '[]') AS grants,
    (SELECT count(*)::integer FROM instance i WHERE i.owner_id = m.user_id AND i.destroyed_at IS NULL) AS personal_claws
  FROM membership m JOIN auth."user" u ON u.id = m.user_id`;

/** Members of the tenant as which `sql` runs, those first who joined first. */
export async function listMembers(sql: pg.ClientBase, { limit, cursor, q }: ListMembersQuery): Promise<Page<MemberView>> {
  const conditions = new Conditions();
  conditions.contains(`lower(u.name || ' ' || u.email)`, q);
  const from = decodeCursor(cursor, SORT, isTime);
  if (from) conditions.add(`(m.created_at, m.user_id) > (${conditions.value(from.value)}::timestamptz, ${conditions.value(from.id)})`);
  const { rows } = await sql.query<MemberRow>(
    `${SELECT} ${conditions.where} ORDER BY m.created_at, m.user_id LIMIT ${conditions.value(limit + 1)}`,
    conditions.values,
  );
  return pageOfRows(rows, limit, (row) => ({ sort: SORT, value: row.joined_at.toISOString(), id: row.user_id }), presentMember);
}

/** Throws NOT_FOUND. */
export async function findMember(sql: pg.ClientBase, userId: string): Promise<MemberView> {
  const { rows } = await sql.query<MemberRow>(`${SELECT} WHERE m.user_id = $1`, [userId]);
  if (!rows[0]) throw noSuchMember();
  return presentMember(rows[0]);
}

/** A membership that nobody else changes until the transaction ends. */
export interface LockedMember {
  readonly name: string;
  readonly role: Role;
  /** Without them nobody could come in as owner. */
  readonly isLastOwner: boolean;
}

/**
 * Locks the member and every owner, in one order, so that of two owners who send each other away at the same time one stays.
 * Throws NOT_FOUND.
 */
export async function lockMember(sql: pg.ClientBase, userId: string): Promise<LockedMember> {
  const { rows } = await sql.query<{ user_id: string; role: Role; suspended: boolean }>(
    "SELECT user_id, role, suspended_at IS NOT NULL AS suspended FROM membership WHERE role = 'owner' OR user_id = $1 ORDER BY user_id FOR UPDATE",
    [userId],
  );
  const member = rows.find((row) => row.user_id === userId);
  if (!member) throw noSuchMember();
  const named = await sql.query<{ name: string }>('SELECT name FROM auth."user" WHERE id = $1', [userId]);
  const isOwnerLeft = rows.some((row) => row !== member && row.role === 'owner' && !row.suspended);
  return { name: named.rows[0]?.name ?? userId, role: member.role, isLastOwner: member.role === 'owner' && !isOwnerLeft };
}

function noSuchMember(): Failure {
  return new Failure('NOT_FOUND', 'There is no such member.');
}

function presentMember(row: MemberRow): MemberView {
  return {
    userId: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    grants: [...row.grants],
    joinedAt: row.joined_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    secondFactor: row.second_factor,
    disabled: row.disabled,
    suspended: row.suspended,
    personalClaws: row.personal_claws,
  };
}
