import type pg from 'pg';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Role } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { Action, authorize } from '../http/authorize.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { enqueueEvent } from '../http/outbox.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { assertReaches } from '../http/standing.ts';
import { revokeInvitationsBeyond } from './invitation-queries.ts';
import { memberPolicy } from './member.policy.ts';
import type { MemberView, RemovedMember } from './member.schema.ts';
import { findMember, type LockedMember, lockMember } from './member-queries.ts';

/** Gives a member another role. Throws NOT_FOUND, FORBIDDEN above the caller, LAST_OWNER. */
export async function changeRole(sql: pg.ClientBase, context: RequestContext, userId: string, role: Role): Promise<MemberView> {
  const actor = actorOf(context);
  const before = await lockMember(sql, userId);
  assertReaches(actor, before.role);
  assertReaches(actor, role);
  if (before.role !== role) await setRole(sql, context, { ...before, userId }, role);
  return findMember(sql, userId);
}

/** Gives a locked member another role, whoever decided on it. Throws LAST_OWNER. */
export async function setRole(sql: pg.ClientBase, context: RequestContext, member: LockedMember & { readonly userId: string }, role: Role): Promise<void> {
  assertOwnerStays(member);
  const { userId, name, role: before } = member;
  await sql.query('UPDATE membership SET role = $2 WHERE user_id = $1', [userId, role]);
  await revokeInvitationsBeyond(sql, userId, role);
  await enqueueEvent(sql, actorOf(context).tenantId, EventType.memberUpdated, userId);
  await recordDeed(sql, context, { type: 'member.role-changed', subject: { kind: 'person', id: userId, name }, data: { role, before } });
  await audit(sql, context, { action: 'member.change-role', target: userId, before: { role: before }, after: { role } });
}

/** Ends a membership. Throws NOT_FOUND, FORBIDDEN for somebody else without the right or above the caller, LAST_OWNER. */
export async function removeMember(sql: pg.ClientBase, context: RequestContext, userId: string): Promise<RemovedMember> {
  const actor = actorOf(context);
  const leaves = actor.userId === userId;
  if (!leaves) authorize(actor, { action: Action.remove, policy: memberPolicy });
  const member = await lockMember(sql, userId);
  if (!leaves) assertReaches(actor, member.role);
  assertOwnerStays(member);
  const keys = await sql.query('UPDATE api_key SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [userId]);
  const invitationsRevoked = await revokeInvitationsBeyond(sql, userId, null);
  const claws = await sql.query<{ id: string; name: string }>('SELECT id, name FROM instance WHERE owner_id = $1 AND destroyed_at IS NULL ORDER BY name, id', [
    userId,
  ]);
  await sql.query('DELETE FROM membership WHERE user_id = $1', [userId]);
  await enqueueEvent(sql, actor.tenantId, EventType.memberUpdated, userId);
  const removed: RemovedMember = { userId, name: member.name, keysRevoked: keys.rowCount ?? 0, invitationsRevoked, personalClaws: claws.rows };
  await recordDeed(sql, context, { type: leaves ? 'member.left' : 'member.removed', subject: { kind: 'person', id: userId, name: member.name }, data: {} });
  await audit(sql, context, { action: leaves ? 'member.leave' : 'member.remove', target: userId, before: { role: member.role }, after: removed });
  return removed;
}

function assertOwnerStays({ isLastOwner }: LockedMember): void {
  if (isLastOwner) throw new Failure('LAST_OWNER');
}
