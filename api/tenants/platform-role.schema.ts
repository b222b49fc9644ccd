import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { PlatformRole } from '../http/account.schema.ts';
import { idOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'tenants';

export const platformPerson = z
  .strictObject({ userId: z.string(), name: z.string(), email: z.string(), role: z.enum(PlatformRole), since: timestamp })
  .meta({ id: 'PlatformPerson' });
export type PlatformPerson = z.infer<typeof platformPerson>;

export const listPlatformRoles = contract({
  id: 'listPlatformRoles',
  method: 'get',
  path: '/platform-roles',
  tag,
  summary: 'Who looks after the platform, by name',
  answers: { 200: { description: 'All of them', schema: z.strictObject({ items: z.array(platformPerson) }).meta({ id: 'PlatformPeople' }) } },
});

export const givePlatformRole = contract({
  id: 'givePlatformRole',
  method: 'post',
  path: '/platform-roles',
  tag,
  summary: 'Let somebody who has an account look after the platform',
  description: 'An admin makes, suspends and deletes tenants; an auditor looks. Neither sees what is in a tenant without naming it, which its audit notes.',
  body: z.strictObject({ email: z.email().max(254), role: z.enum(PlatformRole) }).meta({ id: 'PlatformRoleInput' }),
  answers: { 201: { description: 'They and their role', schema: platformPerson } },
  failures: ['NOT_FOUND', 'STILL_IN_USE'],
});

export const takePlatformRole = contract({
  id: 'takePlatformRole',
  method: 'delete',
  path: '/platform-roles/{userId}',
  tag,
  summary: 'Take the role on the platform from somebody',
  description: 'The last admin stays.',
  params: z.strictObject({ userId: idOf(IdPrefix.user) }),
  answers: { 204: { description: 'Taken' } },
  failures: ['NOT_FOUND', 'STILL_IN_USE'],
});

export const platformRoleContracts = [listPlatformRoles, givePlatformRole, takePlatformRole];
