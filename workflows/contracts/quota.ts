/** What a quota limits, in the order in which people read it. CPU in thousandths of a CPU, memory and storage in bytes. */
export const QuotaResource = { instances: 'instances', cpu: 'cpu', memory: 'memory', storage: 'storage' } as const;
export type QuotaResource = (typeof QuotaResource)[keyof typeof QuotaResource];

/** Whose quota or policy it is. */
export const LimitScope = { tenant: 'tenant', project: 'project' } as const;
export type LimitScope = (typeof LimitScope)[keyof typeof LimitScope];

/** Limits as people write them: Kubernetes quantities. Null limits nothing at this level. */
export interface QuotaLimits {
  readonly instances: number | null;
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly storage: string | null;
}

/** What a plan may include besides its limits. A plan that names none by name includes all of them. */
export const Entitlement = {
  personalClaws: 'personal-claws',
  sso: 'sso',
  auditExport: 'audit-export',
  usageExport: 'usage-export',
} as const;
export type Entitlement = (typeof Entitlement)[keyof typeof Entitlement];

/** The plan of every tenant that was given no other. It limits nothing, includes everything, and stays as it is. */
export const UNLIMITED_PLAN = 'unlimited';
