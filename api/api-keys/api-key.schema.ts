import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { apiKeyView, Scope, scope } from '../http/account.schema.ts';
import { idOf, listQuery, pageOf } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const createApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(scope).min(1).max(2).default([Scope.read, Scope.write]),
    expiresAt: z.iso.datetime().optional().meta({ description: 'Without it the key lives until it is revoked' }),
  })
  .meta({ id: 'CreateApiKey' });

export type CreateApiKeyBody = z.infer<typeof createApiKeyBody>;

export const listApiKeys = contract({
  id: 'listApiKeys',
  method: 'get',
  path: '/api-keys',
  tag: 'account',
  summary: 'Your API keys, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of keys', schema: pageOf('ApiKeyPage', apiKeyView) } },
});

export const createApiKey = contract({
  id: 'createApiKey',
  method: 'post',
  path: '/api-keys',
  tag: 'account',
  summary: 'Make an API key',
  secretAnswer: true,
  description: 'The secret stands only in this answer. A key that is itself signed in by a key may not have more scopes than that key.',
  body: createApiKeyBody,
  answers: {
    201: {
      description: 'The key and its secret',
      schema: z.strictObject({ apiKey: apiKeyView, secret: z.string().meta({ description: '`clp_…`, shown only here' }) }).meta({ id: 'CreatedApiKey' }),
    },
  },
});

export const revokeApiKey = contract({
  id: 'revokeApiKey',
  method: 'delete',
  path: '/api-keys/{id}',
  tag: 'account',
  summary: 'Revoke an API key',
  params: z.strictObject({ id: idOf(IdPrefix.apiKey) }),
  answers: { 204: { description: 'Revoked' } },
  failures: ['NOT_FOUND'],
});

export const apiKeyContracts = [listApiKeys, createApiKey, revokeApiKey];
