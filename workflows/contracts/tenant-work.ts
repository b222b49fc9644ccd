import type { Retention } from './operation.ts';

/** Work on a whole tenant that takes time. */
export const TenantWorkKind = { suspend: 'suspend', delete: 'delete' } as const;
export type TenantWorkKind = (typeof TenantWorkKind)[keyof typeof TenantWorkKind];

/** What a workflow on a tenant is started with. */
export interface TenantOrder {
  /** `twk_…` */
  readonly tenantWorkId: string;
  readonly tenantId: string;
  readonly kind: TenantWorkKind;
  /** Of the claws and, of a deletion, of the tenant's own data too. A suspension retains. */
  readonly retention: Retention;
  /** Who asked for it: id of a person. */
  readonly requestedBy: string;
  readonly requestId: string;
}

/** How far it has come, as it stands in the row of the tenant. */
export interface TenantProgress {
  readonly workId: string;
  readonly kind: TenantWorkKind;
  readonly retention: Retention;
  readonly startedAt: string;
  /** Claws there were to take down. */
  readonly total: number;
  readonly remaining: number;
  /** The first of those that remain, and what they are waited for. */
  readonly waitingFor: readonly { readonly id: string; readonly name: string; readonly phase: string; readonly message: string | null }[];
  readonly finishedAt: string | null;
}

/** What one look at the claws of a tenant found. */
export interface DrainPass {
  readonly remaining: number;
  /** Nobody wants it any more: the tenant is in another state. */
  readonly obsolete: boolean;
}
