import type { IncomingMessage } from 'node:http';
import type pg from 'pg';
import { newId, secretMatches } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { TenantState } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent } from '../http/outbox.ts';
import type { Actor, RequestContext } from '../http/request-context.ts';
import type { Accounts, Person } from './accounts.ts';
import type { Acceptance, AcceptBody, InvitationPreview } from './invitation.schema.ts';
import { parseInvitationCode } from './invitation-code.ts';
import { type InvitationRow, namedGrants, projectNames, readInvitation } from './invitation-queries.ts';

export interface AcceptDeps {
  readonly database: Database;
  readonly accounts: Accounts;
}

/** What came of an acceptance; `cookies` of the session of a new account. */
export interface Accepted {
  readonly acceptance: Acceptance;
  readonly cookies: readonly string[];
}

/** What the code of a link invites to, also when it is over. Throws INVITATION_INVALID. */
export async function previewInvitation({ database, accounts }: AcceptDeps, code: string, request: IncomingMessage): Promise<InvitationPreview> {
  const person = await accounts.whoIs(request);
  const { id, secret, tenantId } = await locate(database, code);
  return database.withTenantSql(tenantId, async (sql) => {
    const row = assertSecret(await readInvitation(sql, id), secret);
    const { rows } = await sql.query<{ name: string }>('SELECT name FROM tenant');
    return {
      state: row.state,
      tenant: rows[0]?.name ?? '',
      email: row.email,
      role: row.role,
      grants: namedGrants(row.grants, await projectNames(sql, [row])),
      invitedBy: row.inviter_email === null ? null : { name: row.inviter_name ?? row.inviter_email, email: row.inviter_email },
      expiresAt: row.expires_at.toISOString(),
      account: (await findAccount(sql, row.email)) !== null,
      signedInAs: person?.email ?? null,
    };
  });
}

/** Joins as who is signed in (`person`), or makes an account. All of it is one transaction; throws as its contract says. */
export async function acceptInvitation(deps: AcceptDeps, context: RequestContext, body: AcceptBody, request: IncomingMessage): Promise<Accepted> {
  const { database, accounts } = deps;
  const person = await accounts.whoIs(request);
  const found = await locate(database, body.code);
  const account = person ? null : await prepare(deps, found, body);
  const { repeated, acceptance } = await database.withTenantSql(found.tenantId, async (sql) => {
    const row = assertSecret(await readInvitation(sql, found.id, { lock: true }), found.secret);
    if (row.state === 'accepted') return { repeated: row, acceptance: await repeat(sql, row, found.tenantId) };
    assertOpen(row);
    await assertActive(sql);
    const joining = person ? invited(row, person) : await makeAccount(sql, row, account);
    return { repeated: null, acceptance: await join(sql, context, row, joining, found.tenantId) };
  });
  if (!repeated) return { acceptance, cookies: person ? [] : await accounts.enter(acceptance.user.id, request) };
  if (person?.id === repeated.accepted_by) return { acceptance, cookies: [] };
  // Whoever cannot sign in as the person who accepted is somebody else.
  const cookies = person || !body.password ? null : await accounts.signIn(acceptance.user.email, body.password, context.ip);
  if (cookies === null) throw new Failure('INVITATION_USED');
  return { acceptance, cookies };
}

/** What a new account needs, made before the transaction because it takes long on purpose; null when none is to be made. */
async function prepare({ database, accounts }: AcceptDeps, { id, tenantId }: Located, { name, password }: AcceptBody): Promise<NewAccount | null> {
  const row = await database.withTenantSql(tenantId, (sql) => readInvitation(sql, id));
  if (row?.state !== 'pending' || !password) return null;
  return { name, hash: await accounts.hash(password, [row.email, ...(name ? [name] : [])]) };
}

interface Located {
  readonly id: string;
  readonly secret: string;
  readonly tenantId: string;
}

async function locate(database: Database, text: string): Promise<Located> {
  const code = parseInvitationCode(text);
  if (!code) throw new Failure('INVITATION_INVALID');
  const { rows } = await database.pool.query<{ tenant_id: string; hash: string }>('SELECT tenant_id, hash FROM lookup_invitation($1)', [code.id]);
  if (!rows[0] || !secretMatches(code.secret, rows[0].hash)) throw new Failure('INVITATION_INVALID');
  return { ...code, tenantId: rows[0].tenant_id };
}

/** Looked at again, because a new link may have been made meanwhile. */
function assertSecret(row: InvitationRow | null, secret: string): InvitationRow {
  if (!row || !secretMatches(secret, row.hash)) throw new Failure('INVITATION_INVALID');
  return row;
}

function assertOpen({ state, inviter_name: name, inviter_email: email }: InvitationRow): void {
  const ask = email === null ? 'Ask an owner or admin of the tenant for a new one.' : `Ask ${name ?? email} (${email}) for a new one.`;
  if (state === 'revoked') throw new Failure('INVITATION_REVOKED', undefined, { nextStep: ask });
  if (state === 'expired') throw new Failure('INVITATION_EXPIRED', undefined, { nextStep: ask });
}

async function assertActive(sql: pg.ClientBase): Promise<void> {
  const { rows } = await sql.query<{ state: TenantState }>('SELECT state FROM tenant');
  if (rows[0]?.state !== TenantState.active) throw new Failure('TENANT_SUSPENDED');
}

function invited({ email }: InvitationRow, person: Person): Person {
  if (person.email.toLowerCase() === email) return person;
  throw new Failure('INVITATION_FOR_ANOTHER', `This invitation is for ${email}; you are signed in as ${person.email}.`);
}

interface NewAccount {
  readonly name: string | undefined;
  readonly hash: string;
}

async function makeAccount(sql: pg.ClientBase, { email }: InvitationRow, account: NewAccount | null): Promise<Person> {
  if (await findAccount(sql, email)) throw new Failure('INVITATION_NEEDS_SIGN_IN', `${email} has an account already.`);
  if (!account?.name) {
    const missing = [account ? null : '/password', account?.name ? null : '/name'].filter((path) => path !== null);
    throw new Failure('VALIDATION_FAILED', 'A new account needs a name and a password.', { errors: missing.map((path) => ({ path, message: 'is needed' })) });
  }
  const id = newId(IdPrefix.user);
  const made = await sql.query('INSERT INTO auth."user" (id, name, email, updated_at) VALUES ($1, $2, $3, now()) ON CONFLICT (email) DO NOTHING', [
    id,
    account.name,
    email,
  ]);
  if (made.rowCount === 0) throw new Failure('INVITATION_NEEDS_SIGN_IN', `${email} has an account already.`);
  await sql.query(
    `INSERT INTO auth.account (id, account_id, provider_id, user_id, password, updated_at) VALUES (replace(gen_random_uuid()::text, '-', ''), $1, 'credential', $1, $2, now())`,
    [id, account.hash],
  );
  return { id, name: account.name, email };
}

async function join(sql: pg.ClientBase, context: RequestContext, row: InvitationRow, person: Person, tenantId: string): Promise<Acceptance> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM tenant');
  const tenant = { id: tenantId, name: rows[0]?.name ?? '' };
  // Who is here already stays what they are.
  const joined = await sql.query('INSERT INTO membership (tenant_id, user_id, role, last_seen_at) VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING', [
    tenantId,
    person.id,
    row.role,
  ]);
  if (joined.rowCount) await giveGrants(sql, row, person.id, tenantId);
  await sql.query("UPDATE invitation SET state = 'accepted', accepted_by = $2, ended_at = now() WHERE id = $1", [row.id, person.id]);
  await enqueueEvent(sql, tenantId, EventType.memberUpdated, person.id);
  const asMember = { ...context, actor: actorFor(row, person, tenant) };
  if (joined.rowCount) {
    await recordDeed(sql, asMember, { type: 'member.joined', subject: { kind: 'person', id: person.id, name: person.name }, data: { role: row.role } });
  }
  await audit(sql, asMember, { action: 'invitation.accept', target: row.id, after: { user: person.id, email: row.email, role: row.role, grants: row.grants } });
  return { user: { id: person.id, name: person.name, email: row.email }, tenant, role: row.role };
}

/** What was promised in projects that are gone meanwhile is left out. */
async function giveGrants(sql: pg.ClientBase, { grants, invited_by: invitedBy }: InvitationRow, userId: string, tenantId: string): Promise<void> {
  await sql.query(
    `INSERT INTO project_grant (tenant_id, project_id, user_id, role, created_by)
     SELECT $1, p.id, $2, g.role, $3 FROM jsonb_to_recordset($4) AS g("projectId" text, role text) JOIN project p ON p.id = g."projectId" AND p.deleted_at IS NULL
     ON CONFLICT (project_id, user_id) DO NOTHING`,
    [tenantId, userId, invitedBy, JSON.stringify(grants)],
  );
}

function actorFor({ role, grants }: InvitationRow, person: Person, tenant: Acceptance['tenant']): Actor {
  return {
    userId: person.id,
    tenantId: tenant.id,
    tenantName: tenant.name,
    tenantState: TenantState.active,
    role,
    grants,
    platformRole: null,
    visiting: false,
    auth: 'session',
    scopes: [],
    keyId: null,
  };
}

/** The answer of the first time, as long as whoever accepted still is a member. */
async function repeat(sql: pg.ClientBase, { accepted_by: userId, role, email }: InvitationRow, tenantId: string): Promise<Acceptance> {
  const { rows } = await sql.query<{ name: string; tenant: string }>(
    'SELECT u.name, t.name AS tenant FROM membership m JOIN auth."user" u ON u.id = m.user_id, tenant t WHERE m.user_id = $1',
    [userId],
  );
  if (!rows[0] || userId === null) throw new Failure('INVITATION_USED');
  return { user: { id: userId, name: rows[0].name, email }, tenant: { id: tenantId, name: rows[0].tenant }, role };
}

async function findAccount(sql: pg.ClientBase, email: string): Promise<string | null> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [email]);
  return rows[0]?.id ?? null;
}
