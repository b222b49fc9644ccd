import { z } from 'zod';
import { apiKeyView } from '../http/account.schema.ts';
import { flagQuery } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const setupBody = z
  .strictObject({
    code: z.string().min(1).max(200).meta({ description: 'The single-use code that the first start printed' }),
    name: z.string().trim().min(1).max(100),
    email: z.email().max(254),
    password: z.string().min(10, 'must have at least 10 characters').max(128),
  })
  .meta({ id: 'SetupRequest' });

export type SetupBody = z.infer<typeof setupBody>;

const setupResult = z
  .strictObject({
    user: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }),
    tenant: z.strictObject({ id: z.string(), name: z.string() }),
    apiKey: apiKeyView.optional(),
    secret: z.string().optional().meta({ description: 'With `?key=true`: the new API key, shown only here' }),
  })
  .meta({ id: 'SetupResult' });

export const getSetup = contract({
  id: 'getSetup',
  method: 'get',
  path: '/setup',
  tag: 'setup',
  auth: 'none',
  summary: 'Whether the platform still waits for its first administrator',
  answers: { 200: { description: 'The state of the set-up', schema: z.strictObject({ needed: z.boolean() }).meta({ id: 'SetupState' }) } },
});

export const runSetup = contract({
  id: 'runSetup',
  method: 'post',
  path: '/setup',
  tag: 'setup',
  auth: 'none',
  summary: 'Make the first administrator with the set-up code',
  query: z.strictObject({ key: flagQuery.meta({ description: 'Also make an API key, for the command line' }) }),
  body: setupBody,
  answers: { 201: { description: 'Signed in', schema: setupResult, headers: { 'Set-Cookie': 'The session' } } },
  failures: ['SETUP_CODE_INVALID', 'SETUP_DONE', 'PASSWORD_WEAK', 'PASSWORD_BREACHED'],
});

export const setupContracts = [getSetup, runSetup];
