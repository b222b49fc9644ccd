import { z } from 'zod';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { MailLocale } from '../../workflows/contracts/mail.ts';
import { GrantRole } from '../http/account.schema.ts';
import { failureView, idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { namedGrant, role } from './member.schema.ts';

const tag = 'members';

/** `expired`: nobody accepted it in time. */
export const InvitationState = { pending: 'pending', accepted: 'accepted', revoked: 'revoked', expired: 'expired' } as const;
export type InvitationState = (typeof InvitationState)[keyof typeof InvitationState];

const state = z.enum(InvitationState).meta({ id: 'InvitationState' });

export const invitationView = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    role,
    grants: z.array(namedGrant),
    state,
    invitedBy: z.strictObject({ id: z.string(), name: z.string().nullable() }).meta({ description: 'The name is null for somebody who is gone' }),
    mailed: z.boolean().meta({ description: 'Whether the link went out by mail; if not, it has to be handed over' }),
    createdAt: timestamp,
    sentAt: timestamp.meta({ description: 'When its present link was made' }),
    expiresAt: timestamp,
    endedAt: timestamp.nullable().meta({ description: 'When it was accepted or revoked' }),
  })
  .meta({ id: 'Invitation' });

export type InvitationView = z.infer<typeof invitationView>;

const wantedGrant = z.strictObject({
  projectId: z.string().regex(new RegExp(idPattern(IdPrefix.project)), `must be an id such as ${IdPrefix.project}_01kah3…`),
  role: z.enum(GrantRole),
});

const language = z.enum(MailLocale).optional().meta({ description: 'Language of the mail; without it the one of this request' });

export const inviteBody = z
  .strictObject({
    emails: z.array(z.string().trim().min(1).max(254)).min(1).max(Limits.invitationsPerRequestMax),
    role,
    grants: z.array(wantedGrant).max(Limits.invitationGrantsMax).default([]),
    language,
  })
  .meta({ id: 'Invite' });

export type InviteBody = z.infer<typeof inviteBody>;

const link = z.string().meta({ description: 'Shown only here. Whoever has it and that e-mail address can join.' });

export const inviteItem = z
  .strictObject({
    email: z.string(),
    invitation: invitationView.nullable(),
    link: link.nullable(),
    refusal: failureView.nullable().meta({ description: 'Why this address was not invited' }),
  })
  .meta({ id: 'InviteItem' });

export type InviteItem = z.infer<typeof inviteItem>;

const params = z.strictObject({ id: idOf(IdPrefix.invitation) });

export const invite = contract({
  id: 'invite',
  method: 'post',
  path: '/invitations',
  tag,
  summary: 'Invite people by e-mail',
  description: `Each address gets its own answer: one that is refused keeps no other from being invited. A link works once, for ${Limits.invitationHours} hours. It is mailed when a mail server is set up; otherwise hand it over.`,
  secretAnswer: true,
  body: inviteBody,
  answers: {
    200: {
      description: 'One answer for each address',
      schema: z.strictObject({ items: z.array(inviteItem), invited: z.int(), refused: z.int() }).meta({ id: 'InviteResult' }),
    },
  },
  failures: ['NOT_FOUND'],
});

export const listInvitationsQuery = z.strictObject({ ...listQuery, state: state.optional() });
export type ListInvitationsQuery = z.infer<typeof listInvitationsQuery>;

export const listInvitations = contract({
  id: 'listInvitations',
  method: 'get',
  path: '/invitations',
  tag,
  summary: 'Invitations, newest first',
  query: listInvitationsQuery,
  answers: { 200: { description: 'A page of invitations', schema: pageOf('InvitationPage', invitationView) } },
});

export const resendInvitation = contract({
  id: 'resendInvitation',
  method: 'post',
  path: '/invitations/{id}/resend',
  tag,
  summary: 'Make a new link for an invitation',
  description: 'The link before stops working, and the time begins anew.',
  secretAnswer: true,
  params,
  body: z.strictObject({ language }).meta({ id: 'ResendInvitation' }),
  answers: {
    200: { description: 'The invitation and its new link', schema: z.strictObject({ invitation: invitationView, link }).meta({ id: 'ResentInvitation' }) },
  },
  failures: ['NOT_FOUND', 'INVITATION_USED', 'INVITATION_REVOKED', 'INVITATION_PENDING', 'ALREADY_MEMBER'],
});

export const revokeInvitation = contract({
  id: 'revokeInvitation',
  method: 'delete',
  path: '/invitations/{id}',
  tag,
  summary: 'Revoke an invitation; its link stops working',
  params,
  answers: { 204: { description: 'Revoked' } },
  failures: ['NOT_FOUND', 'INVITATION_USED'],
});

const code = z.string().min(1).max(200).meta({ description: 'What stands behind the # of the link, `inv_…`' });

export const invitationPreview = z
  .strictObject({
    state,
    tenant: z.string().meta({ description: 'Name of the tenant' }),
    email: z.string().meta({ description: 'Whom it is for' }),
    role,
    grants: z.array(namedGrant),
    invitedBy: z.strictObject({ name: z.string(), email: z.string() }).nullable().meta({ description: 'Whom to ask; null for somebody who is gone' }),
    expiresAt: timestamp,
    account: z.boolean().meta({ description: 'Whether that address has an account: then sign in with it to accept' }),
    signedInAs: z.string().nullable().meta({ description: 'E-mail address of the session of this browser' }),
  })
  .meta({ id: 'InvitationPreview' });

export type InvitationPreview = z.infer<typeof invitationPreview>;

export const previewInvitation = contract({
  id: 'previewInvitation',
  method: 'post',
  path: '/invitations/preview',
  tag,
  auth: 'none',
  summary: 'What a link invites to',
  body: z.strictObject({ code }).meta({ id: 'PreviewInvitation' }),
  answers: { 200: { description: 'Who invites whom to what, also when it is over', schema: invitationPreview } },
  failures: ['INVITATION_INVALID'],
});

export const acceptBody = z
  .strictObject({
    code,
    name: z.string().trim().min(1).max(100).optional(),
    password: z.string().min(10, 'must have at least 10 characters').max(128).optional(),
  })
  .meta({ id: 'AcceptInvitation', description: 'Name and password make an account; somebody who is signed in sends only the code' });

export type AcceptBody = z.infer<typeof acceptBody>;

export const acceptance = z
  .strictObject({
    user: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }),
    tenant: z.strictObject({ id: z.string(), name: z.string() }),
    role,
  })
  .meta({ id: 'Acceptance' });

export type Acceptance = z.infer<typeof acceptance>;

export const acceptInvitation = contract({
  id: 'acceptInvitation',
  method: 'post',
  path: '/invitations/accept',
  tag,
  auth: 'none',
  summary: 'Join a tenant with the code of a link',
  description: 'Makes an account and signs in, or takes the account that is signed in when it has the invited address. The same person may repeat it.',
  body: acceptBody,
  answers: { 200: { description: 'Joined', schema: acceptance, headers: { 'Set-Cookie': 'The session of a new account' } } },
  failures: [
    'INVITATION_INVALID',
    'INVITATION_EXPIRED',
    'INVITATION_REVOKED',
    'INVITATION_USED',
    'INVITATION_FOR_ANOTHER',
    'INVITATION_NEEDS_SIGN_IN',
    'FORBIDDEN',
    'TENANT_SUSPENDED',
    'PASSWORD_WEAK',
    'PASSWORD_BREACHED',
    'RATE_LIMITED',
  ],
});

export const invitationContracts = [invite, listInvitations, resendInvitation, revokeInvitation, previewInvitation, acceptInvitation];
