import { z } from 'zod';
import { type ClawRules, Exposure } from '../../workflows/contracts/claw-policy.ts';
import { contract } from '../http/contract.ts';
import { limitScope } from '../http/limits.schema.ts';
import { projectParams, tenantParams } from './quota.schema.ts';

const tag = 'quotas';
const name = z.string().min(1).max(100);
const model = z.string().min(1).max(200);

export const clawRules = z
  .strictObject({
    types: z.array(name).max(100).nullable().default(null).meta({ description: 'Types that may be created' }),
    versions: z
      .record(name, z.array(name).max(100))
      .refine((byType) => Object.keys(byType).length <= 100, 'at most 100 types')
      .nullable()
      .default(null)
      .meta({ description: 'Versions by type; a type that is not named may have any', example: { openclaw: ['2026.9.*'] } }),
    models: z
      .array(model)
      .max(200)
      .nullable()
      .default(null)
      .meta({ description: 'Models that claws may be set to and may call', example: ['demo', 'acme/*'] }),
    maxReplicas: z.int().min(1).max(1000).nullable().default(null),
    exposure: z.enum(Exposure).nullable().default(null).meta({ description: 'Who may open the web page that a claw itself serves' }),
  })
  .meta({ id: 'ClawRules', description: 'null rules nothing; in names `*` stands for any characters' }) satisfies z.ZodType<ClawRules>;

const scopeRules = z
  .strictObject({ scope: z.strictObject({ kind: limitScope, id: z.string(), name: z.string() }), rules: clawRules })
  .meta({ id: 'ClawPolicy' });

export const clawPolicies = z
  .strictObject({ tenant: scopeRules, projects: z.array(scopeRules) })
  .meta({ id: 'ClawPolicies', description: 'Rules of the tenant and of each project; both hold' });

export type ClawPoliciesView = z.infer<typeof clawPolicies>;

const answers = { 200: { description: 'The rules', schema: clawPolicies } } as const;

export const getTenantPolicies = contract({
  id: 'getTenantPolicies',
  method: 'get',
  path: '/tenants/{id}/policies',
  tag,
  summary: 'What the claws of a tenant and of its projects may be',
  params: tenantParams,
  answers,
});

export const putTenantPolicies = contract({
  id: 'putTenantPolicies',
  method: 'put',
  path: '/tenants/{id}/policies',
  tag,
  summary: 'Set what the claws of a tenant may be',
  description: 'What runs goes on running. What breaks a rule cannot be started or restarted, and its calls of models that are not allowed are refused.',
  params: tenantParams,
  body: clawRules,
  answers,
});

export const putProjectPolicies = contract({
  id: 'putProjectPolicies',
  method: 'put',
  path: '/projects/{id}/policies',
  tag,
  summary: 'Set what the claws of a project may be',
  params: projectParams,
  body: clawRules,
  answers,
});

export const clawPolicyContracts = [getTenantPolicies, putTenantPolicies, putProjectPolicies];
