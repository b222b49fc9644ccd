import type pg from 'pg';
import { z } from 'zod';
import { newId, secretHash } from '../../activities/platform/ids.ts';
import type { Mailbox } from '../../activities/platform/mailbox.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure, failureView, isFailure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { MailLocale } from '../../workflows/contracts/mail.ts';
import type { Role } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { reserveSeat } from '../http/entitlements.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent } from '../http/outbox.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { assertReaches } from '../http/standing.ts';
import type { InvitationView, InviteBody, InviteItem } from './invitation.schema.ts';
import { invitationLink, newInvitationCode } from './invitation-code.ts';
import { type InvitationRow, readInvitation, showInvitation } from './invitation-queries.ts';

/** What inviting needs besides the database. */
export interface InvitationDeps {
  readonly mailbox: Mailbox;
  /** Where the links lead. */
  readonly publicUrl: string;
}

const address = z.email().max(254);

/** Invites each address by itself: what is refused keeps no other from being invited. Throws FORBIDDEN, NOT_FOUND, QUOTA_EXCEEDED for all. */
export async function invitePeople(
  deps: InvitationDeps,
  sql: pg.ClientBase,
  context: RequestContext,
  { emails, role, grants }: InviteBody,
  locale: MailLocale,
): Promise<InviteItem[]> {
  assertReaches(actorOf(context), role);
  await assertProjects(sql, grants);
  await assertRoom(sql, emails.length);
  const answers = new Map<string, InviteItem>();
  const asked = [...new Set(emails.map((email) => email.toLowerCase()))];
  // In one order, so that two requests never wait for each other in a circle.
  for (const email of asked.toSorted()) {
    try {
      const { invitation, link } = await inviteOne(deps, sql, context, { email, role, grants }, locale);
      answers.set(email, { email, invitation, link, refusal: null });
    } catch (error) {
      if (!isFailure(error)) throw error;
      answers.set(email, { email, invitation: null, link: null, refusal: failureView(error) });
    }
  }
  const items = asked.flatMap((email) => answers.get(email) ?? []);
  for (const { invitation, email } of items) {
    if (invitation) await audit(sql, context, { action: 'invitation.create', target: invitation.id, after: { email, role, grants } });
  }
  return items;
}

interface Sent {
  readonly invitation: InvitationView;
  readonly link: string;
}

async function inviteOne(
  deps: InvitationDeps,
  sql: pg.ClientBase,
  context: RequestContext,
  { email, role, grants }: { readonly email: string; readonly role: Role; readonly grants: InviteBody['grants'] },
  locale: MailLocale,
): Promise<Sent> {
  const { tenantId, userId } = actorOf(context);
  if (!address.safeParse(email).success)
    throw new Failure('VALIDATION_FAILED', `${email} is not an e-mail address.`, { nextStep: 'Correct it and invite again.' });
  await assertNoMember(sql, email);
  await sql.query("UPDATE invitation SET state = 'expired' WHERE email = $1 AND state = 'pending' AND expires_at <= now()", [email]);
  await reserveSeat(sql, tenantId);
  const id = newId(IdPrefix.invitation);
  const { secret, code } = newInvitationCode(id);
  const { rowCount } = await sql.query(
    `INSERT INTO invitation (id, tenant_id, email, role, grants, hash, invited_by, mailed, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(hours => $9)) ON CONFLICT (tenant_id, email) WHERE state = 'pending' DO NOTHING`,
    [id, tenantId, email, role, JSON.stringify(grants), secretHash(secret), userId, deps.mailbox.configured, Limits.invitationHours],
  );
  if (rowCount === 0) throw new Failure('INVITATION_PENDING', `${email} has an invitation already.`);
  const invitation = await showInvitation(sql, id);
  const link = await send(deps, sql, context, invitation, code, locale);
  await recordDeed(sql, context, { type: 'invitation.sent', subject: { kind: 'invitation', id, name: email }, data: { role } });
  return { invitation, link };
}

/** Gives an invitation a new link; the one before stops working. Throws as its contract says. */
export async function resendInvitation(deps: InvitationDeps, sql: pg.ClientBase, context: RequestContext, id: string, locale: MailLocale): Promise<Sent> {
  const row = await openInvitation(sql, id);
  assertReaches(actorOf(context), row.role);
  await assertNoMember(sql, row.email);
  // One that has expired gave its seat back.
  if (row.state === 'expired') await reserveSeat(sql, actorOf(context).tenantId);
  const { secret, code } = newInvitationCode(id);
  const other = await sql.query("SELECT 1 FROM invitation WHERE email = $1 AND state = 'pending' AND expires_at > now() AND id <> $2", [row.email, id]);
  if (other.rowCount) throw new Failure('INVITATION_PENDING', `${row.email} has a later invitation.`);
  await sql.query("UPDATE invitation SET state = 'expired' WHERE email = $1 AND state = 'pending' AND id <> $2", [row.email, id]);
  await sql.query(
    `UPDATE invitation SET hash = $2, state = 'pending', invited_by = $3, mailed = $4, sent_at = now(), expires_at = now() + make_interval(hours => $5) WHERE id = $1`,
    [id, secretHash(secret), actorOf(context).userId, deps.mailbox.configured, Limits.invitationHours],
  );
  const invitation = await showInvitation(sql, id);
  const link = await send(deps, sql, context, invitation, code, locale);
  await audit(sql, context, { action: 'invitation.resend', target: id, after: { email: row.email, role: row.role } });
  return { invitation, link };
}

/** Throws NOT_FOUND, INVITATION_USED; to revoke what is revoked changes nothing. */
export async function revokeInvitation(sql: pg.ClientBase, context: RequestContext, id: string): Promise<void> {
  const { tenantId } = actorOf(context);
  const row = await readInvitation(sql, id, { lock: true });
  if (!row) throw new Failure('NOT_FOUND', 'There is no such invitation.');
  if (row.state === 'accepted') throw new Failure('INVITATION_USED');
  if (row.state === 'revoked') return;
  await sql.query("UPDATE invitation SET state = 'revoked', ended_at = now() WHERE id = $1", [id]);
  await enqueueEvent(sql, tenantId, EventType.memberUpdated, id);
  await recordDeed(sql, context, { type: 'invitation.revoked', subject: { kind: 'invitation', id, name: row.email }, data: {} });
  await audit(sql, context, { action: 'invitation.revoke', target: id, before: { email: row.email, role: row.role } });
}

/** An invitation that can still be accepted, or could be with a new link. */
async function openInvitation(sql: pg.ClientBase, id: string): Promise<InvitationRow> {
  const row = await readInvitation(sql, id, { lock: true });
  if (!row) throw new Failure('NOT_FOUND', 'There is no such invitation.');
  if (row.state === 'accepted') throw new Failure('INVITATION_USED');
  if (row.state === 'revoked') throw new Failure('INVITATION_REVOKED', 'This invitation was revoked.', { nextStep: 'Invite the person anew.' });
  return row;
}

async function send(
  { mailbox, publicUrl }: InvitationDeps,
  sql: pg.ClientBase,
  context: RequestContext,
  invitation: InvitationView,
  code: string,
  locale: MailLocale,
): Promise<string> {
  const { tenantId, tenantName } = actorOf(context);
  const { id, email, role, expiresAt, invitedBy } = invitation;
  const link = invitationLink(publicUrl, code);
  if (mailbox.configured) {
    const vars = { inviter: invitedBy.name ?? tenantName, tenant: tenantName, role, link, expiresAt };
    await mailbox.enqueue(sql, { tenantId, to: email, template: 'invitation', locale, vars });
  }
  await enqueueEvent(sql, tenantId, EventType.memberUpdated, id);
  return link;
}

async function assertNoMember(sql: pg.ClientBase, email: string): Promise<void> {
  const { rowCount } = await sql.query('SELECT 1 FROM membership m JOIN auth."user" u ON u.id = m.user_id WHERE lower(u.email) = $1', [email]);
  if (rowCount) throw new Failure('ALREADY_MEMBER', `${email} is a member already.`);
}

async function assertProjects(sql: pg.ClientBase, grants: InviteBody['grants']): Promise<void> {
  const ids = [...new Set(grants.map(({ projectId }) => projectId))];
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM project WHERE id = ANY($1) AND deleted_at IS NULL', [ids]);
  const missing = ids.filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0) throw new Failure('NOT_FOUND', `There is no project ${missing.join(', ')}.`);
}

async function assertRoom(sql: pg.ClientBase, wanted: number): Promise<void> {
  const { rows } = await sql.query<{ count: number }>("SELECT count(*)::integer AS count FROM invitation WHERE state = 'pending' AND expires_at > now()");
  if ((rows[0]?.count ?? 0) + wanted <= Limits.invitationsPendingMax) return;
  throw new Failure('QUOTA_EXCEEDED', `At most ${Limits.invitationsPendingMax} invitations may wait at a time.`, {
    nextStep: 'Revoke those that nobody will accept.',
  });
}
