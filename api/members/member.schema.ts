import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { GrantRole, Role } from '../http/account.schema.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'members';

export const role = z.enum(Role).meta({ id: 'Role' });

export const namedGrant = z
  .strictObject({ projectId: z.string(), projectName: z.string(), role: z.enum(GrantRole) })
  .meta({ id: 'NamedGrant', description: 'What somebody is in one project, beside their role in the tenant' });

export const memberView = z
  .strictObject({
    userId: z.string(),
    name: z.string(),
    email: z.string(),
    role,
    grants: z.array(namedGrant),
    joinedAt: timestamp,
    lastSeenAt: timestamp.nullable().meta({ description: 'When they last asked for anything here, to within five minutes' }),
    secondFactor: z.boolean().meta({ description: 'Whether signing in takes more than a password' }),
    disabled: z.boolean().meta({ description: 'The person may not come in at all' }),
    suspended: z.boolean().meta({ description: 'The member may not come into this tenant for now' }),
    personalClaws: z.int().meta({ description: 'Claws that belong to this person' }),
  })
  .meta({ id: 'Member' });

export type MemberView = z.infer<typeof memberView>;

const params = z.strictObject({ userId: idOf(IdPrefix.user) });

export const listMembersQuery = z.strictObject({
  ...listQuery,
  q: z.string().max(200).optional().meta({ description: 'Part of a name or an e-mail address' }),
});
export type ListMembersQuery = z.infer<typeof listMembersQuery>;

export const listMembers = contract({
  id: 'listMembers',
  method: 'get',
  path: '/members',
  tag,
  summary: 'Who belongs to the tenant, in the order in which they joined',
  query: listMembersQuery,
  answers: { 200: { description: 'A page of members', schema: pageOf('MemberPage', memberView) } },
});

export const changeMember = contract({
  id: 'changeMember',
  method: 'put',
  path: '/members/{userId}',
  tag,
  summary: 'Give a member another role',
  description: 'Nobody gives a role above their own, nor changes somebody who has one. The tenant keeps at least one owner.',
  params,
  body: z.strictObject({ role }).meta({ id: 'ChangeMember' }),
  answers: { 200: { description: 'The member', schema: memberView } },
  failures: ['NOT_FOUND', 'LAST_OWNER'],
});

export const removedMember = z
  .strictObject({
    userId: z.string(),
    name: z.string(),
    keysRevoked: z.int().meta({ description: 'API keys of this person that no longer work here' }),
    invitationsRevoked: z.int().meta({ description: 'Invitations of theirs that nobody had accepted' }),
    personalClaws: z
      .array(z.strictObject({ id: z.string(), name: z.string() }))
      .meta({ description: 'Claws that belonged to this person. They go on as they were and stay with the tenant.' }),
  })
  .meta({ id: 'RemovedMember' });

export type RemovedMember = z.infer<typeof removedMember>;

export const removeMember = contract({
  id: 'removeMember',
  method: 'delete',
  path: '/members/{userId}',
  tag,
  summary: 'End a membership, also your own',
  description:
    'Their keys stop working and their open connections end at once. The account stays: the person may belong to other tenants. Their personal claws go on and stay with the tenant.',
  params,
  answers: { 200: { description: 'What became of what was theirs', schema: removedMember } },
  failures: ['NOT_FOUND', 'LAST_OWNER'],
});

export const memberContracts = [listMembers, changeMember, removeMember];
