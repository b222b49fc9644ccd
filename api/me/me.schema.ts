import { z } from 'zod';
import { Role } from '../http/account.schema.ts';
import { contract } from '../http/contract.ts';

const tenant = z.strictObject({ id: z.string(), name: z.string(), role: z.enum(Role) });

export const meView = z
  .strictObject({
    user: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }),
    tenant,
    tenants: z.array(tenant),
    project: z.strictObject({ id: z.string(), name: z.string() }),
    auth: z.enum(['session', 'key']),
    abilities: z.array(z.strictObject({ action: z.array(z.string()), subject: z.array(z.string()) })).meta({ description: 'CASL rules of this caller' }),
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
