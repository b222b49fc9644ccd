import { z } from 'zod';
import { timestamp } from './common.schema.ts';

export const Scope = { read: 'read', write: 'write' } as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

/** What a person is in a tenant. A member sees nothing of it but what a grant opens and what is their own. */
export const Role = { owner: 'owner', admin: 'admin', operator: 'operator', approver: 'approver', member: 'member', viewer: 'viewer' } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What a person may be in one project beside their role in the tenant; of the two the stronger counts. */
export const GrantRole = { operator: 'operator', approver: 'approver', viewer: 'viewer' } as const;
export type GrantRole = (typeof GrantRole)[keyof typeof GrantRole];

/** What a person is for the whole installation. */
export const PlatformRole = { admin: 'admin', auditor: 'auditor' } as const;
export type PlatformRole = (typeof PlatformRole)[keyof typeof PlatformRole];

/** Only in an active tenant anything may be changed. Of a deleted one only its audit is left, and its data when they were to be kept. */
export const TenantState = { active: 'active', suspended: 'suspended', deleting: 'deleting', deleted: 'deleted' } as const;
export type TenantState = (typeof TenantState)[keyof typeof TenantState];

export const projectGrant = z.strictObject({ projectId: z.string(), role: z.enum(GrantRole) }).meta({ id: 'ProjectGrant' });
export type ProjectGrant = z.infer<typeof projectGrant>;

export const scope = z.enum(Scope).meta({ id: 'Scope' });

/** An API key as people see it; never its secret. */
export const apiKeyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    role: z.enum(Role).nullable().meta({ description: 'What it is at most in the tenant; null = what its owner is' }),
    projectIds: z.array(z.string()).nullable().meta({ description: 'The projects it sees; null = what its owner sees' }),
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable(),
    expiresAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyView = z.infer<typeof apiKeyView>;
