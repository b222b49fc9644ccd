import { z } from 'zod';
import { timestamp } from './common.schema.ts';

export const Scope = { read: 'read', write: 'write' } as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

export const Role = { owner: 'owner', admin: 'admin', operator: 'operator', viewer: 'viewer' } as const;
export type Role = (typeof Role)[keyof typeof Role];

export const scope = z.enum(Scope).meta({ id: 'Scope' });

/** An API key as people see it; never its secret. */
export const apiKeyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable(),
    expiresAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyView = z.infer<typeof apiKeyView>;
