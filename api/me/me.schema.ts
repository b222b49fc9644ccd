import { z } from 'zod';
import { PlatformRole, projectGrant, Role, TenantState } from '../http/account.schema.ts';
import { contract } from '../http/contract.ts';

const tenant = z.strictObject({ id: z.string(), name: z.string(), state: z.enum(TenantState), role: z.enum(Role) });

export const meView = z
  .strictObject({
    user: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }),
    tenant,
    tenants: z.array(tenant),
    project: z.strictObject({ id: z.string(), name: z.string() }).nullable().meta({ description: 'The first project that you may see, if there is one' }),
    grants: z.array(projectGrant).meta({ description: 'What you are in single projects beside your role' }),
    platformRole: z.enum(PlatformRole).nullable().meta({ description: 'What you are for the whole installation' }),
    visiting: z.boolean().meta({ description: 'You do not belong to this tenant and look into it as somebody of the platform' }),
    auth: z.enum(['session', 'key']),
    abilities: z
      .array(z.strictObject({ action: z.array(z.string()), subject: z.array(z.string()), conditions: z.record(z.string(), z.unknown()).optional() }))
      .meta({ description: 'CASL rules of this caller; `conditions` are about `projectId` and `ownerId`' }),
  })
  .meta({ id: 'Me' });

export const getMe = contract({
  id: 'getMe',
  method: 'get',
  path: '/me',
  tag: 'account',
  summary: 'Who you are here and what you may do',
  answers: { 200: { description: 'You', schema: meView } },
});

export const meContracts = [getMe];
