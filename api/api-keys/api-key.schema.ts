import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { apiKeyView, Role, Scope, scope } from '../http/account.schema.ts';
import { idOf, listQuery, pageOf } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const OVERLAP_SECONDS_MAX = 7 * 24 * 3600;

export const createApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(scope).min(1).max(2).default([Scope.read, Scope.write]),
    role: z.enum(Role).optional().meta({ description: 'What the key is at most; never more than its owner is at the time. Without it: what its owner is' }),
    projectIds: z
      .array(idOf(IdPrefix.project))
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'The projects it sees and works in; without it: what its owner sees' }),
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

const createdApiKey = z
  .strictObject({ apiKey: apiKeyView, secret: z.string().meta({ description: '`clp_…`, shown only here' }) })
  .meta({ id: 'CreatedApiKey' });

export const createApiKey = contract({
  id: 'createApiKey',
  method: 'post',
  path: '/api-keys',
  tag: 'account',
  summary: 'Make an API key',
  secretAnswer: true,
  description: 'The secret stands only in this answer. A key that a key makes may nothing more than that key.',
  body: createApiKeyBody,
  answers: {
    201: { description: 'The key and its secret', schema: createdApiKey },
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

export const rotateApiKey = contract({
  id: 'rotateApiKey',
  method: 'post',
  path: '/api-keys/{id}/rotate',
  tag: 'account',
  summary: 'Replace an API key by a new one that may the same',
  secretAnswer: true,
  description:
    'Both work for `overlapSeconds`, so that nothing fails while the secret is exchanged; then the old one has expired. The new one lives as long as the old one was made for.',
  params: z.strictObject({ id: idOf(IdPrefix.apiKey) }),
  body: z.strictObject({ overlapSeconds: z.int().min(0).max(OVERLAP_SECONDS_MAX).default(3600) }).meta({ id: 'RotateApiKey' }),
  answers: { 201: { description: 'The new key and its secret', schema: createdApiKey } },
  failures: ['NOT_FOUND'],
});

export const apiKeyContracts = [listApiKeys, createApiKey, rotateApiKey, revokeApiKey];
