import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { ProviderKind, ProviderState, type ProviderView } from '../../workflows/contracts/model.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'models';

export const providerName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be 1 to 40 lower-case letters, digits or hyphens');

export const providerView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(ProviderKind),
    baseUrl: z.string().nullable(),
    models: z.array(z.string()),
    state: z.enum(ProviderState),
    error: z.strictObject({ code: z.string(), message: z.string(), nextStep: z.string() }).nullable(),
    credential: z.strictObject({ present: z.boolean() }),
    verifiedAt: timestamp.nullable(),
    createdAt: timestamp,
    createdBy: z.string(),
  })
  .meta({ id: 'Provider' }) satisfies z.ZodType<ProviderView>;

export const createProviderBody = z
  .strictObject({
    name: providerName,
    kind: z.enum(ProviderKind),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .meta({ description: 'Needed for ollama and hosted_vllm' }),
    apiKey: z.string().min(1).max(1000).optional().meta({ description: 'Sealed at once and never shown again' }),
    models: z
      .array(
        z
          .string()
          .min(1)
          .max(200)
          .regex(/^[^\s\p{Cc}]+$/u, 'must not hold spaces'),
      )
      .min(1)
      .max(100),
  })
  .meta({ id: 'CreateProvider' });

export type CreateProviderBody = z.infer<typeof createProviderBody>;

const params = z.strictObject({ id: idOf(IdPrefix.provider) });

export const listProviders = contract({
  id: 'listProviders',
  method: 'get',
  path: '/providers',
  tag,
  summary: 'Model providers of the tenant',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of providers', schema: pageOf('ProviderPage', providerView) } },
});

export const createProvider = contract({
  id: 'createProvider',
  method: 'post',
  path: '/providers',
  tag,
  summary: 'Add a provider; its verification begins at once',
  body: createProviderBody,
  answers: { 201: { description: 'The provider, being verified', schema: providerView } },
  failures: ['NAME_TAKEN'],
});

export const getProvider = contract({
  id: 'getProvider',
  method: 'get',
  path: '/providers/{id}',
  tag,
  summary: 'One provider',
  params,
  answers: { 200: { description: 'The provider', schema: providerView } },
  failures: ['NOT_FOUND'],
});

export const deleteProvider = contract({
  id: 'deleteProvider',
  method: 'delete',
  path: '/providers/{id}',
  tag,
  summary: 'Remove a provider and its credential',
  params,
  answers: { 204: { description: 'Removed' } },
  failures: ['NOT_FOUND'],
});

export const verifyProvider = contract({
  id: 'verifyProvider',
  method: 'post',
  path: '/providers/{id}/verify',
  tag,
  summary: 'Verify the credential with a real call',
  params,
  answers: { 202: { description: 'The provider in state verifying', schema: providerView } },
  failures: ['NOT_FOUND', 'WORKFLOW_ENGINE_UNAVAILABLE'],
});

export const modelView = z
  .strictObject({
    id: z.string().meta({ description: '`demo` or `<provider>/<model>`' }),
    provider: z.string(),
    kind: z.string(),
    state: z.enum(ProviderState),
  })
  .meta({ id: 'Model' });

export const listModels = contract({
  id: 'listModels',
  method: 'get',
  path: '/models',
  tag,
  summary: 'Models that claws may call',
  answers: { 200: { description: 'Every model', schema: z.strictObject({ items: z.array(modelView) }).meta({ id: 'ModelList' }) } },
});

export const providerContracts = [listProviders, createProvider, getProvider, deleteProvider, verifyProvider, listModels];
