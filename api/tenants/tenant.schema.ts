import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { Retention } from '../../workflows/contracts/operation.ts';
import { TenantWorkKind } from '../../workflows/contracts/tenant-work.ts';
import { TenantState } from '../http/account.schema.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'tenants';
const tenantName = z.string().trim().min(1).max(Limits.tenantNameCharacters);

const progress = z
  .strictObject({
    workId: z.string(),
    kind: z.enum(TenantWorkKind),
    retention: z.enum(Retention),
    startedAt: timestamp,
    total: z.int().meta({ description: 'Claws there were to take down' }),
    remaining: z.int(),
    waitingFor: z
      .array(z.strictObject({ id: z.string(), name: z.string(), phase: z.string(), message: z.string().nullable() }))
      .meta({ description: 'The first of those that remain' }),
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: 'TenantProgress' });

export const tenantView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    state: z.enum(TenantState),
    createdAt: timestamp,
    members: z.int(),
    projects: z.int(),
    instances: z.int().meta({ description: 'Living ones' }),
    owners: z.array(z.strictObject({ id: z.string(), name: z.string(), email: z.string() })),
    auditKeepDays: z.int().nullable().meta({ description: 'How many days its audit is kept; null: as long as the platform keeps it' }),
    progress: progress.nullable().meta({ description: 'How far its suspension or deletion has come' }),
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof tenantView>;

export const createTenantBody = z
  .strictObject({
    name: tenantName,
    owner: z.email().max(254).optional().meta({ description: 'Whoever is to own it gets an invitation; without an address you own it yourself' }),
  })
  .meta({ id: 'CreateTenant' });

export const updateTenantBody = z
  .strictObject({
    name: tenantName.optional(),
    state: z.enum([TenantState.active, TenantState.suspended]).optional().meta({ description: 'Only somebody of the platform suspends and resumes' }),
    auditKeepDays: z
      .int()
      .min(Limits.auditKeepDaysMin)
      .max(Limits.auditKeepDaysMax)
      .nullable()
      .optional()
      .meta({ description: 'How many days its audit is kept; null: as long as the platform keeps it. Only somebody of the platform sets it' }),
  })
  .meta({ id: 'UpdateTenant' });
export type UpdateTenantBody = z.infer<typeof updateTenantBody>;

const params = z.strictObject({ id: idOf(IdPrefix.tenant) });
const one = { description: 'The tenant', schema: tenantView };

export const listTenants = contract({
  id: 'listTenants',
  method: 'get',
  path: '/tenants',
  tag,
  summary: 'Your tenants; for the platform all of them; newest first',
  query: z.strictObject({ ...listQuery, q: z.string().max(200).optional().meta({ description: 'Part of the name' }) }),
  answers: { 200: { description: 'A page of tenants', schema: pageOf('TenantPage', tenantView) } },
});

export const createTenant = contract({
  id: 'createTenant',
  method: 'post',
  path: '/tenants',
  tag,
  summary: 'Make a tenant with its first project and owner',
  secretAnswer: true,
  body: createTenantBody,
  answers: {
    201: {
      description: 'The tenant',
      schema: z
        .strictObject({
          tenant: tenantView,
          link: z.string().nullable().meta({ description: 'The invitation of the owner, shown only here, to hand over where mail is not configured' }),
        })
        .meta({ id: 'CreatedTenant' }),
    },
  },
});

export const getTenant = contract({
  id: 'getTenant',
  method: 'get',
  path: '/tenants/{id}',
  tag,
  summary: 'A tenant, and how far its suspension or deletion has come',
  params,
  answers: { 200: one },
  failures: ['NOT_FOUND'],
});

export const updateTenant = contract({
  id: 'updateTenant',
  method: 'put',
  path: '/tenants/{id}',
  tag,
  summary: 'Rename, suspend or resume a tenant, or say how long its audit is kept',
  description: 'While it is suspended nobody changes anything in it, and its claws are stopped. Resuming starts none of them.',
  params,
  body: updateTenantBody,
  answers: { 200: one },
  failures: ['NOT_FOUND', 'STILL_IN_USE', 'TENANT_SUSPENDED'],
});

export const deleteTenant = contract({
  id: 'deleteTenant',
  method: 'delete',
  path: '/tenants/{id}',
  tag,
  summary: 'Delete a tenant: its claws are destroyed, its keys revoked',
  description:
    'It takes no new work from here on. `wipe` forgets everything but the audit; `retain` keeps data folders, usage and events. It cannot be undone.',
  params,
  query: z.strictObject({ retention: z.enum(Retention).default(Retention.retain) }),
  answers: { 202: one },
  failures: ['NOT_FOUND', 'STILL_IN_USE', 'TENANT_SUSPENDED'],
});

export const tenantContracts = [listTenants, createTenant, getTenant, updateTenant, deleteTenant];
