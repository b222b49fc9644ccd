import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const params = z.strictObject({ userId: idOf(IdPrefix.user) });

const personView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    secondFactor: z.boolean(),
    mustChangePassword: z.boolean(),
    disabledAt: timestamp.nullable(),
    createdAt: timestamp,
    tenants: z.int().meta({ description: 'Tenants that the person belongs to' }),
  })
  .meta({ id: 'Person' });
export type PersonView = z.infer<typeof personView>;

const stopping = z
  .strictObject({ stopClaws: z.boolean().default(false).meta({ description: 'Also stop the claws that belong to the person' }) })
  .meta({ id: 'StopPerson' });

const stopped = z.strictObject({ clawsStopped: z.int() }).meta({ id: 'StoppedPerson' });

export const listPeople = contract({
  id: 'listPeople',
  method: 'get',
  path: '/people',
  tag: 'tenants',
  summary: 'Everybody who has an account on the platform, by e-mail',
  query: z.strictObject({ ...listQuery, q: z.string().max(200).optional().meta({ description: 'Part of a name or an e-mail address' }) }),
  answers: { 200: { description: 'A page of people', schema: pageOf('PersonPage', personView) } },
});

export const disablePerson = contract({
  id: 'disablePerson',
  method: 'post',
  path: '/people/{userId}/disable',
  tag: 'tenants',
  summary: 'Keep a person out of the platform',
  description:
    'Ends their sessions; their keys, sockets and streams stop working within two seconds, in every tenant and process. Nothing of theirs is removed.',
  params,
  body: stopping,
  answers: { 200: { description: 'Disabled', schema: stopped } },
  failures: ['NOT_FOUND', 'STILL_IN_USE'],
});

export const enablePerson = contract({
  id: 'enablePerson',
  method: 'post',
  path: '/people/{userId}/enable',
  tag: 'tenants',
  summary: 'Let a person in again',
  description: 'Their keys work again; they have to sign in anew.',
  params,
  answers: { 204: { description: 'Enabled' } },
  failures: ['NOT_FOUND'],
});

export const requirePasswordChange = contract({
  id: 'requirePasswordChange',
  method: 'post',
  path: '/people/{userId}/require-password-change',
  tag: 'tenants',
  summary: 'Have a person choose a new password before anything else',
  params,
  answers: { 204: { description: 'Until then every request of their sessions is refused with PASSWORD_CHANGE_REQUIRED' } },
  failures: ['NOT_FOUND'],
});

export const suspendMember = contract({
  id: 'suspendMember',
  method: 'post',
  path: '/members/{userId}/suspend',
  tag: 'members',
  summary: 'Keep a member out of the tenant for now',
  description: 'Like the end of the membership, within two seconds, but role, grants and claws stay. The tenant keeps at least one owner who is not suspended.',
  params,
  body: stopping,
  answers: { 200: { description: 'Suspended', schema: stopped } },
  failures: ['NOT_FOUND', 'LAST_OWNER'],
});

export const resumeMember = contract({
  id: 'resumeMember',
  method: 'post',
  path: '/members/{userId}/resume',
  tag: 'members',
  summary: 'Let a suspended member in again',
  params,
  answers: { 204: { description: 'They may come in' } },
  failures: ['NOT_FOUND'],
});

export const personContracts = [listPeople, disablePerson, enablePerson, requirePasswordChange, suspendMember, resumeMember];
