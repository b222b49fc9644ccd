import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { limitScope, quotaLimits } from '../http/limits.schema.ts';

const tag = 'quotas';

const amount = z
  .strictObject({
    limit: z.int().nullable().meta({ description: 'null when nothing limits it here' }),
    used: z.int(),
  })
  .meta({ id: 'QuotaAmount' });

const scopeUsage = z
  .strictObject({
    kind: limitScope,
    id: z.string(),
    name: z.string(),
    limits: quotaLimits.meta({ description: 'What was set at this level itself; null leaves it to the plan, or free' }),
    plan: z.string().nullable().meta({ description: 'The plan of the tenant, from which comes what was not set; null for a project' }),
    instances: amount,
    cpuMillis: amount,
    memoryBytes: amount,
    storageBytes: amount,
  })
  .meta({ id: 'QuotaScope', description: 'Usage against quota. Every instance counts from the moment it is accepted until it is destroyed, stopped ones too' });

const heavyInstance = z
  .strictObject({ id: z.string(), name: z.string(), projectId: z.string(), cpuMillis: z.int(), memoryBytes: z.int(), storageBytes: z.int() })
  .meta({ id: 'HeavyInstance' });

export const quotaView = z
  .strictObject({
    tenant: scopeUsage,
    projects: z.array(scopeUsage),
    largest: z.array(heavyInstance).meta({ description: 'Those that were given most memory' }),
  })
  .meta({ id: 'Quota' });

export type QuotaView = z.infer<typeof quotaView>;
export type ScopeUsage = z.infer<typeof scopeUsage>;

export const tenantParams = z.strictObject({ id: idOf(IdPrefix.tenant) });
export const projectParams = z.strictObject({ id: idOf(IdPrefix.project) });

export const getQuota = contract({
  id: 'getQuota',
  method: 'get',
  path: '/quota',
  tag,
  summary: 'Usage against quota of your tenant and its projects',
  answers: { 200: { description: 'Limits and what is taken of them', schema: quotaView } },
});

export const getTenantQuota = contract({
  id: 'getTenantQuota',
  method: 'get',
  path: '/tenants/{id}/quota',
  tag,
  summary: 'Usage against quota of a tenant',
  params: tenantParams,
  answers: { 200: { description: 'Limits and what is taken of them', schema: quotaView } },
});

export const putTenantQuota = contract({
  id: 'putTenantQuota',
  method: 'put',
  path: '/tenants/{id}/quota',
  tag,
  summary: 'Set what a tenant may have',
  description: 'A limit below what is taken stops nothing that runs; nothing is added until it fits again. What is null is as the plan of the tenant says.',
  params: tenantParams,
  body: quotaLimits,
  answers: { 200: { description: 'Limits and what is taken of them', schema: quotaView } },
});

export const putProjectQuota = contract({
  id: 'putProjectQuota',
  method: 'put',
  path: '/projects/{id}/quota',
  tag,
  summary: 'Set what a project may have of what its tenant has',
  params: projectParams,
  body: quotaLimits,
  answers: { 200: { description: 'Limits and what is taken of them', schema: quotaView } },
});

export const quotaContracts = [getQuota, getTenantQuota, putTenantQuota, putProjectQuota];
