import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { idOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { quotaLimits } from '../http/limits.schema.ts';

const tag = 'quotas';
const PLAN_NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

const planName = z.string().regex(PLAN_NAME, 'must be 1 to 40 lower-case letters, digits or hyphens, and begin and end with a letter or digit');

const content = {
  limits: quotaLimits,
  seats: z.int().min(1).max(1_000_000).nullable().meta({ description: 'Members and pending invitations; null: any number' }),
  entitlements: z.array(z.enum(Entitlement)).nullable().meta({ description: 'What it includes besides; null: everything' }),
} as const;

export const planInput = z
  .strictObject({
    limits: quotaLimits.prefault({}),
    seats: content.seats.default(null),
    entitlements: content.entitlements.default(null),
  })
  .meta({ id: 'PlanInput' });

export type PlanInput = z.infer<typeof planInput>;

export const plan = z.strictObject({ name: z.string(), ...content }).meta({ id: 'Plan' });
export type Plan = z.infer<typeof plan>;

const tenantPlan = z
  .strictObject({
    plan,
    seats: z.strictObject({ limit: z.int().nullable(), used: z.int() }),
    since: timestamp.nullable().meta({ description: 'When the tenant was given it; null for a tenant that was given none' }),
  })
  .meta({ id: 'TenantPlan' });

export type TenantPlan = z.infer<typeof tenantPlan>;

const params = z.strictObject({ id: idOf(IdPrefix.tenant) });

export const listPlans = contract({
  id: 'listPlans',
  method: 'get',
  path: '/plans',
  tag,
  summary: 'The plans that a tenant can be on',
  answers: { 200: { description: 'By name', schema: z.strictObject({ items: z.array(plan) }).meta({ id: 'Plans' }) } },
});

export const putPlan = contract({
  id: 'putPlan',
  method: 'put',
  path: '/plans/{name}',
  tag,
  summary: 'Make or change a plan; tenants on it have the new limits at once',
  params: z.strictObject({ name: planName }),
  body: planInput,
  answers: { 200: { description: 'The plan', schema: plan } },
  failures: ['NAME_TAKEN'],
});

export const getTenantPlan = contract({
  id: 'getTenantPlan',
  method: 'get',
  path: '/tenants/{id}/plan',
  tag,
  summary: 'The plan of a tenant',
  params,
  answers: { 200: { description: 'The plan and the seats that are taken', schema: tenantPlan } },
});

export const putTenantPlan = contract({
  id: 'putTenantPlan',
  method: 'put',
  path: '/tenants/{id}/plan',
  tag,
  summary: 'Put a tenant on a plan',
  params,
  body: z.strictObject({ plan: planName }).meta({ id: 'PutTenantPlan' }),
  answers: { 200: { description: 'The plan and the seats that are taken', schema: tenantPlan } },
});

const period = z.strictObject({
  from: z.iso.datetime().optional().meta({ description: 'Begin; the first of this month (UTC) without it' }),
  to: z.iso.datetime().optional().meta({ description: 'End, not included; now without it' }),
});

const usageRow = z
  .strictObject({
    day: z.iso.date().meta({ description: 'UTC' }),
    projectId: z.string(),
    project: z.string().nullable(),
    instanceId: z.string(),
    instance: z.string().nullable(),
    provider: z.string(),
    model: z.string(),
    requests: z.int(),
    errors: z.int(),
    promptTokens: z.int(),
    completionTokens: z.int(),
    costMicroUsd: z.int(),
  })
  .meta({ id: 'UsageRow' });

export type UsageRow = z.infer<typeof usageRow>;

export const exportUsage = contract({
  id: 'exportUsage',
  method: 'get',
  path: '/usage/export',
  tag: 'metrics',
  summary: 'Model usage of the tenant by day, claw and model',
  query: period,
  answers: {
    200: {
      description: 'Every day that anything was used on',
      schema: z.strictObject({ from: timestamp, to: timestamp, tenantId: z.string(), plan: z.string(), rows: z.array(usageRow) }).meta({ id: 'UsageExport' }),
    },
  },
  failures: ['NOT_ENTITLED'],
});

export const exportUsageCsv = contract({
  id: 'exportUsageCsv',
  method: 'get',
  path: '/usage/export.csv',
  tag: 'metrics',
  summary: 'The same as CSV with a line of headings',
  query: period,
  answers: { 200: { description: 'RFC 4180, UTF-8', schema: z.string().meta({ id: 'UsageCsv' }), contentType: 'text/csv' } },
  failures: ['NOT_ENTITLED'],
});

export const planContracts = [listPlans, putPlan, getTenantPlan, putTenantPlan, exportUsage, exportUsageCsv];
