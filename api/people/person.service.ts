import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Role } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { decodeCursor, type Page, pageOfRows } from '../http/pagination.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { assertReaches } from '../http/standing.ts';
import type { PersonView } from './person.schema.ts';

const SORT = 'email';

interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly two_factor_enabled: boolean;
  readonly must_change_password: boolean;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
  readonly tenants: number;
}

/** A page of everybody, by the role of the system, which sees all memberships. */
export async function listPeople(
  systemPool: pg.Pool,
  { limit, cursor, q }: { readonly limit: number; readonly cursor?: string | undefined; readonly q?: string | undefined },
): Promise<Page<PersonView>> {
  const { rows } = await systemPool.query<PersonRow>(
    `SELECT u.id, u.name, u.email, u.email_verified, u.two_factor_enabled, u.must_change_password, u.disabled_at, u.created_at,
       (SELECT count(*) FROM membership m WHERE m.user_id = u.id)::integer AS tenants
     FROM auth."user" u WHERE ($1::text IS NULL OR u.email > $1) AND ($2::text IS NULL OR position(lower($2) IN lower(u.name || ' ' || u.email)) > 0)
     ORDER BY u.email LIMIT $3`,
    [decodeCursor(cursor, SORT)?.value ?? null, q || null, limit + 1],
  );
  return pageOfRows(rows, limit, (row) => ({ sort: SORT, value: row.email, id: row.id }), present);
}

function present(row: PersonRow): PersonView {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    emailVerified: row.email_verified,
    secondFactor: row.two_factor_enabled,
    mustChangePassword: row.must_change_password,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    tenants: row.tenants,
  };
}

/** Throws NOT_FOUND, and STILL_IN_USE for oneself: so somebody is always left who can undo it. */
export async function disablePerson(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<void> {
  const { userId: self } = actorOf(context);
  if (userId === self) throw new Failure('STILL_IN_USE', 'Nobody disables themselves.', { nextStep: 'Ask another administrator of the platform.' });
  // One after the other, so that no two administrators disable one another.
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('clawloops/people', 0))");
  const { rows } = await sql.query<{ disabled: boolean }>('SELECT disabled_at IS NOT NULL AS disabled FROM auth."user" WHERE id = $1', [self]);
  if (rows[0]?.disabled !== false) throw new Failure('UNAUTHENTICATED', 'Your own account was disabled.');
  const { rowCount } = await sql.query(
    'UPDATE auth."user" SET disabled_at = coalesce(disabled_at, now()), disabled_by = $2, updated_at = now() WHERE id = $1',
    [userId, self],
  );
  if (rowCount !== 1) throw new Failure('NOT_FOUND', 'There is no such person.');
  await sql.query('DELETE FROM auth.session WHERE user_id = $1', [userId]);
  await audit(sql, context, { action: 'person.disable', target: userId });
}

/** Throws NOT_FOUND. */
export async function enablePerson(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<void> {
  const { rowCount } = await sql.query('UPDATE auth."user" SET disabled_at = NULL, disabled_by = NULL, updated_at = now() WHERE id = $1', [userId]);
  if (rowCount !== 1) throw new Failure('NOT_FOUND', 'There is no such person.');
  await audit(sql, context, { action: 'person.enable', target: userId });
}

/** Throws NOT_FOUND for somebody who has no password either. */
export async function requirePasswordChange(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<void> {
  const { rowCount } = await sql.query(
    `UPDATE auth."user" u SET must_change_password = true, updated_at = now() WHERE id = $1
     AND EXISTS (SELECT 1 FROM auth.account a WHERE a.user_id = u.id AND a.provider_id = 'credential')`,
    [userId],
  );
  if (rowCount !== 1) throw new Failure('NOT_FOUND', 'There is no such person with a password.');
  await audit(sql, context, { action: 'person.require-password-change', target: userId });
}

/** Throws NOT_FOUND, FORBIDDEN above the caller and for oneself, LAST_OWNER. */
export async function suspendMember(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<void> {
  const actor = actorOf(context);
  if (userId === actor.userId) throw new Failure('FORBIDDEN', 'Nobody suspends themselves.', { nextStep: 'Ask another owner, or leave the tenant.' });
  // Whoever changes owners waits for whoever does so at the same moment.
  await sql.query('SELECT 1 FROM tenant WHERE id = $1 FOR NO KEY UPDATE', [actor.tenantId]);
  const role = await lockRole(sql, userId);
  assertReaches(actor, role);
  if (role === Role.owner) {
    const { rowCount } = await sql.query("SELECT 1 FROM membership WHERE role = 'owner' AND user_id <> $1 AND suspended_at IS NULL LIMIT 1", [userId]);
    if (rowCount === 0) throw new Failure('LAST_OWNER');
  }
  await sql.query('UPDATE membership SET suspended_at = coalesce(suspended_at, now()), suspended_by = $2 WHERE user_id = $1', [userId, actor.userId]);
  await audit(sql, context, { action: 'member.suspend', target: userId });
}

/** Throws NOT_FOUND, FORBIDDEN above the caller. */
export async function resumeMember(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<void> {
  assertReaches(actorOf(context), await lockRole(sql, userId));
  await sql.query('UPDATE membership SET suspended_at = NULL, suspended_by = NULL WHERE user_id = $1', [userId]);
  await audit(sql, context, { action: 'member.resume', target: userId });
}

async function lockRole(sql: pg.ClientBase, userId: string): Promise<Role> {
  const { rows } = await sql.query<{ role: Role }>('SELECT role FROM membership WHERE user_id = $1 FOR UPDATE', [userId]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such member.');
  return rows[0].role;
}

/** The tenants in which the person may have claws, members or not any more. */
export async function tenantsOf(systemPool: pg.Pool, userId: string): Promise<string[]> {
  const { rows } = await systemPool.query<{ tenant_id: string }>(
    'SELECT DISTINCT tenant_id FROM instance WHERE owner_id = $1 AND destroyed_at IS NULL ORDER BY tenant_id',
    [userId],
  );
  return rows.map(({ tenant_id: tenantId }) => tenantId);
}
