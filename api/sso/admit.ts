import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { Role, TenantState } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { assertEntitled, reserveSeat } from '../http/entitlements.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent } from '../http/outbox.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { Claims } from './identity-provider.ts';
import type { SsoRow } from './sso-queries.ts';
import { groupsDecide, roleOf } from './sso-roles.ts';

/** What members are, as far as sign-ins change it. */
export interface Memberships {
  /** Gives a member another role, with all that hangs on it; see members/member.service.ts. */
  setRole(
    sql: pg.ClientBase,
    context: RequestContext,
    member: { readonly userId: string; readonly name: string; readonly role: Role; readonly isLastOwner: boolean },
    role: Role,
  ): Promise<void>;
}

interface Person {
  readonly id: string;
  readonly name: string;
}

/**
 * Lets somebody in whom the provider of the tenant vouches for: finds or makes the account, the membership and its role. `sql` runs as that
 * tenant. Throws NOT_ENTITLED, SSO_REFUSED, ACCOUNT_DISABLED, TENANT_SUSPENDED, QUOTA_EXCEEDED; then nothing of it is there.
 */
export async function admit(sql: pg.ClientBase, context: RequestContext, connection: SsoRow, claims: Claims, memberships: Memberships): Promise<string> {
  const { tenant_id: tenantId } = connection;
  await assertEntitled(sql, tenantId, Entitlement.sso);
  const email = assertEmail(connection, claims);
  const rules = { groupsClaim: connection.groups_claim, groupRoles: connection.group_roles, defaultRole: connection.default_role };
  const role = roleOf(rules, claims.groups);
  if (role === null) throw new Failure('SSO_REFUSED', `${email} is in none of the groups that have a role here.`);
  // Whoever comes twice at the same moment comes one after the other.
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`sso ${connection.issuer} ${claims.subject}`]);
  const { linked, ...person } = await findPerson(sql, connection, claims, email);
  const asPerson = { ...context, actor: await actorOf(sql, person.id, tenantId, role) };
  await sql.query(
    `INSERT INTO sso_identity (tenant_id, issuer, subject, user_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, issuer, subject) DO UPDATE SET last_sign_in_at = now()`,
    [tenantId, connection.issuer, claims.subject, person.id],
  );
  if (linked) await audit(sql, asPerson, { action: 'sso.link', target: person.id, after: { email, issuer: connection.issuer, subject: claims.subject } });
  await sql.query('UPDATE sso_connection SET last_sign_in_at = now()');
  await settleMembership(sql, asPerson, person, { role, decided: groupsDecide(rules) }, memberships);
  return person.id;
}

/** The address decides which tenant's provider may speak for somebody, so it has to be one of its domains. */
function assertEmail({ domains }: SsoRow, { email, emailVerified }: Claims): string {
  if (email === null) throw new Failure('SSO_REFUSED', 'The provider sends no e-mail address; let it send the claim email.');
  if (!domains.includes(email.slice(email.lastIndexOf('@') + 1))) throw new Failure('SSO_REFUSED', `${email} is in none of the domains of the connection.`);
  if (emailVerified === false) throw new Failure('SSO_REFUSED', `The provider says that ${email} is not verified.`);
  return email;
}

/** `linked`: an account that was there before the provider spoke for it, which is so at the first sign-in only. */
async function findPerson(
  sql: pg.ClientBase,
  { issuer }: SsoRow,
  { subject, emailVerified, name }: Claims,
  email: string,
): Promise<Person & { readonly linked: boolean }> {
  const known = await sql.query<Person & { disabled: boolean }>(
    `SELECT u.id, u.name, u.disabled_at IS NOT NULL AS disabled FROM sso_identity i JOIN auth."user" u ON u.id = i.user_id WHERE i.issuer = $1 AND i.subject = $2`,
    [issuer, subject],
  );
  const byEmail = known.rows[0] ? known : await sql.query<Person & { disabled: boolean }>(BY_EMAIL, [email]);
  const [person] = byEmail.rows;
  if (person?.disabled) throw new Failure('ACCOUNT_DISABLED');
  if (person && known.rows[0]) return { id: person.id, name: person.name, linked: false };
  if (person) {
    await assertLinkable(sql, person, email, emailVerified);
    return { id: person.id, name: person.name, linked: true };
  }
  const made = { id: newId(IdPrefix.user), name: name ?? email.slice(0, email.indexOf('@')) };
  const { rowCount } = await sql.query(
    'INSERT INTO auth."user" (id, name, email, email_verified, updated_at) VALUES ($1, $2, $3, $4, now()) ON CONFLICT (email) DO NOTHING',
    [made.id, made.name, email, emailVerified === true],
  );
  if (rowCount !== 1) throw new Failure('SSO_FAILED', 'An account with that address was made at the same moment.');
  return { ...made, linked: false };
}

/** Somebody else's account must not be had for the asking, and that of an owner not at all: who decides of the provider would decide of the tenant. */
async function assertLinkable(sql: pg.ClientBase, { id }: Person, email: string, verified: boolean | null): Promise<void> {
  if (verified !== true)
    throw new Failure('SSO_REFUSED', `There is an account of ${email}, and the provider does not say that the address is verified (claim email_verified).`);
  const { rowCount } = await sql.query('SELECT 1 FROM membership WHERE user_id = $1 AND role = $2', [id, Role.owner]);
  if (rowCount === 0) return;
  throw new Failure('SSO_REFUSED', `${email} is an owner here, and owners keep their password: the provider does not take over their account.`, {
    nextStep: 'Sign in with your password or a passkey; “Forgot your password?” lets you choose one.',
  });
}

const BY_EMAIL = 'SELECT id, name, disabled_at IS NOT NULL AS disabled FROM auth."user" WHERE email = $1';

/** Owners stay what they are: who is one is decided here, not at the provider. */
async function settleMembership(
  sql: pg.ClientBase,
  context: RequestContext,
  person: Person,
  { role, decided }: { readonly role: Role; readonly decided: boolean },
  { setRole }: Memberships,
): Promise<void> {
  const { rows } = await sql.query<{ role: Role; suspended: boolean }>(
    'SELECT role, suspended_at IS NOT NULL AS suspended FROM membership WHERE user_id = $1 FOR UPDATE',
    [person.id],
  );
  const [member] = rows;
  if (member?.suspended) throw new Failure('ACCOUNT_DISABLED', `${person.name} is suspended here.`, { nextStep: 'Ask an owner or admin of your tenant.' });
  if (!member) return join(sql, context, person, role);
  if (!decided || member.role === role || member.role === Role.owner) return;
  await setRole(sql, context, { userId: person.id, name: person.name, role: member.role, isLastOwner: false }, role);
}

async function join(sql: pg.ClientBase, context: RequestContext, person: Person, role: Role): Promise<void> {
  const { actor } = context;
  if (!actor) throw new Error('whoever joins is somebody');
  if (actor.tenantState !== TenantState.active) throw new Failure('TENANT_SUSPENDED');
  await reserveSeat(sql, actor.tenantId);
  await sql.query('INSERT INTO membership (tenant_id, user_id, role, last_seen_at) VALUES ($1, $2, $3, now())', [actor.tenantId, person.id, role]);
  await enqueueEvent(sql, actor.tenantId, EventType.memberUpdated, person.id);
  await recordDeed(sql, context, { type: 'member.joined', subject: { kind: 'person', id: person.id, name: person.name }, data: { role } });
  await audit(sql, context, { action: 'member.join-by-sso', target: person.id, after: { role } });
}

async function actorOf(sql: pg.ClientBase, userId: string, tenantId: string, role: Role): Promise<NonNullable<RequestContext['actor']>> {
  const { rows } = await sql.query<{ name: string; state: TenantState }>('SELECT name, state FROM tenant');
  const [tenant] = rows;
  if (!tenant) throw new Failure('NOT_FOUND', 'There is no such tenant.');
  const place = { tenantId, tenantName: tenant.name, tenantState: tenant.state, role, grants: [], platformRole: null, visiting: false };
  return { ...place, userId, auth: 'session', sso: true, scopes: [], keyId: null };
}
