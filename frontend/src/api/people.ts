import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type Role = Schemas['Role'];
export type GrantRole = Schemas['NamedGrant']['role'];
export type Member = Schemas['Member'];
export type Invitation = Schemas['Invitation'];
export type InvitationState = Schemas['InvitationState'];
export type InviteItem = Schemas['InviteItem'];
export type InvitationPreview = Schemas['InvitationPreview'];
export type Invite = Schemas['Invite'];

export type MemberQuery = NonNullable<paths['/members']['get']['parameters']['query']>;
export type InvitationQuery = NonNullable<paths['/invitations']['get']['parameters']['query']>;

export function listMembers(query: MemberQuery): Promise<Page<Member>> {
  return unwrap(api.GET('/members', { params: { query } }));
}

export function changeMember(userId: string, role: Role): Promise<Member> {
  return unwrap(api.PUT('/members/{userId}', { params: { path: { userId } }, body: { role } }));
}

/** Ends a membership, also one's own. */
export function removeMember(userId: string): Promise<Schemas['RemovedMember']> {
  return unwrap(api.DELETE('/members/{userId}', { params: { path: { userId } } }));
}

/** Keeps a member out of the tenant for now; answers how many of their claws are being stopped. */
export function suspendMember(userId: string, stopClaws: boolean): Promise<Schemas['StoppedPerson']> {
  return unwrap(api.POST('/members/{userId}/suspend', { params: { path: { userId } }, body: { stopClaws } }));
}

export function resumeMember(userId: string): Promise<void> {
  return settle(api.POST('/members/{userId}/resume', { params: { path: { userId } } }));
}

export function listInvitations(query: InvitationQuery): Promise<Page<Invitation>> {
  return unwrap(api.GET('/invitations', { params: { query } }));
}

/** Invites each address by itself; links stand only in this answer. */
export function invite(body: Invite): Promise<Schemas['InviteResult']> {
  return unwrap(api.POST('/invitations', { body }));
}

/** A new link; the one before stops working. */
export function resendInvitation(id: string, language: Invite['language']): Promise<Schemas['ResentInvitation']> {
  return unwrap(api.POST('/invitations/{id}/resend', { params: { path: { id } }, body: { language } }));
}

export function revokeInvitation(id: string): Promise<void> {
  return settle(api.DELETE('/invitations/{id}', { params: { path: { id } } }));
}

/** What a link invites to. */
export function previewInvitation(code: string): Promise<InvitationPreview> {
  return unwrap(api.POST('/invitations/preview', { body: { code } }));
}

/** Joins as who is signed in, or with a new account, which is signed in by it. */
export function acceptInvitation(body: Schemas['AcceptInvitation']): Promise<Schemas['Acceptance']> {
  return unwrap(api.POST('/invitations/accept', { body }));
}
